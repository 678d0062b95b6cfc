// Classes of a number: ranges between the bounds of the tests.
import { hasClass, runsOf } from "../class-runs.ts";
import type { NumberDimension, NumberTest } from "../dimension.ts";
import { type Classes, lineOf, partOf } from "./classes.ts";

export function numberClasses(dimension: NumberDimension, tests: readonly NumberTest[]): Classes {
  const { from, to, optional } = dimension;
  const bounds = tests.flatMap((test) => [test.from, test.to + 1]).filter((one) => one > from && one <= to);
  const starts = [...new Set([from, ...bounds])].sort((a, b) => a - b);
  const inside = (test: NumberTest, value: number) => test.from <= value && value <= test.to;
  const line = lineOf(starts, (start) =>
    tests.flatMap((test, index) => (inside(test, start) ? [index] : [])).join(),
  );
  return {
    dimension,
    count: line.count + (optional ? 1 : 0),
    witness: (index) => line.starts[line.classes.indexOf(index)],
    holds: (test) =>
      test.kind === "range"
        ? runsOf(line.classes.filter((_, part) => inside(test, line.starts[part] ?? 0)))
        : runsOf([]),
    nameOf: (classes) => {
      const ranges: { from: number; to: number }[] = [];
      for (const [part, start] of starts.entries()) {
        if (!hasClass(classes, line.classes[part] ?? 0)) continue;
        const end = (starts[part + 1] ?? to + 1) - 1;
        const last = ranges.at(-1);
        if (last !== undefined && last.to + 1 === start) last.to = end;
        else ranges.push({ from: start, to: end });
      }
      const absent = optional && hasClass(classes, line.count) ? [{ kind: "absent" } as const] : [];
      const of = ranges.length === 0 ? absent : [{ kind: "ranges", ranges } as const, ...absent];
      const [only] = of;
      return only !== undefined && of.length === 1 ? only : { kind: "any", of };
    },
    classOf: (value) => {
      if (value === undefined) return optional ? line.count : undefined;
      if (typeof value !== "number" || value < from || value > to) return undefined;
      return line.classes[partOf(line, value)];
    },
  };
}
