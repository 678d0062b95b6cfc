// Classes of a choice: tokens that every test treats alike.
import { hasClass, runsOf } from "../class-runs.ts";
import type { ChoiceDimension, ChoiceTest } from "../dimension.ts";
import type { Classes, Value } from "./classes.ts";

/** The usual methods, most usual first; then a token that nothing names. */
const TOKENS = ["GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS", "X-OTHER"] as const;

export function choiceClasses(dimension: ChoiceDimension, tests: readonly ChoiceTest[]): Classes {
  const named = [...new Set(tests.flatMap(({ values }) => values))];
  const listed = dimension.values ?? [...TOKENS, ...named, unnamed(named)];
  const byTests = new Map<string, string[]>();
  for (const value of new Set(listed)) {
    const holding = tests.flatMap(({ values }, index) => (values.includes(value) ? [index] : [])).join();
    byTests.set(holding, [...(byTests.get(holding) ?? []), value]);
  }
  const members = [...byTests.values()];
  const classByValue = new Map(members.flatMap((values, index) => values.map((value) => [value, index])));
  const others = byTests.get("") === undefined ? undefined : [...byTests.keys()].indexOf("");
  const classOf = (value: Value) => {
    if (typeof value !== "string") return undefined;
    return classByValue.get(value) ?? (dimension.values === undefined ? others : undefined);
  };
  return {
    dimension,
    count: members.length,
    witness: (index) => members[index]?.[0],
    holds: (test) =>
      test.kind === "one-of"
        ? runsOf(test.values.map(classOf).filter((found) => found !== undefined))
        : runsOf([]),
    nameOf: (classes) => {
      const inside = (index: number) => hasClass(classes, index);
      const valuesIn = (wanted: boolean) =>
        members.flatMap((values, index) => (index !== others && inside(index) === wanted ? values : []));
      const [named, unnamed] = [valuesIn(true), valuesIn(false)];
      if (others === undefined || !inside(others)) return { kind: "values", values: named };
      // Of listed values even the others can be named.
      const all = dimension.values && [...named, ...(members[others] ?? [])];
      if (all !== undefined && all.length <= unnamed.length) return { kind: "values", values: all };
      return { kind: "not", of: { kind: "values", values: unnamed } };
    },
    classOf,
  };
}

function unnamed(named: readonly string[]): string {
  let token = "X-OTHER";
  while (named.includes(token)) token += "-X";
  return token;
}
