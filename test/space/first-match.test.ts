// First-match lists and the names of sets say the same as the diagrams that they are made of.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Budget } from "../../src/space/budget.ts";
import { type ClassRuns, hasClass } from "../../src/space/class-runs.ts";
import { Diagrams, type Node, relabel } from "../../src/space/diagram.ts";
import { firstMatchList } from "../../src/space/first-match.ts";
import { Names } from "../../src/space/name-classes.ts";
import type { Partition } from "../../src/space/partition.ts";
import type { Predicate } from "../../src/space/predicate.ts";
import type { Line } from "../../src/space/shorten-list.ts";
import { spaceOf } from "./plan/members.ts";
import { planOfSeed } from "./plan/random-plans.ts";
import { valueAt } from "./value-at.ts";

interface Listed {
  readonly partition: Partition;
  readonly root: Node<string>;
  readonly lines: readonly Line<string>[];
  readonly names: Names;
}

/** The answers of a random plan. */
function listed(seed: number): Listed {
  const { program, partition, decisions } = spaceOf(planOfSeed(seed));
  const [answer] = program.facets;
  const budget = new Budget(50_000_000);
  const diagrams = new Diagrams<string>(budget);
  const root = relabel(decisions, diagrams, ({ outcome }) => answer?.view?.(outcome).key ?? "");
  const names = new Names(partition);
  const counts = partition.dimensions.map(({ count }) => count);
  return { partition, root, names, lines: firstMatchList(root, { counts, budget, names }) };
}

function matches(sets: ReadonlyMap<number, ClassRuns>, classes: readonly number[]): boolean {
  return [...sets].every(([dimension, runs]) => hasClass(runs, classes[dimension] ?? 0));
}

function nameHolds(
  { place, dimensions, testsOf }: Partition,
  dimension: number,
  is: Predicate,
  one: number,
): boolean {
  const inner = (part: Predicate) =>
    nameHolds({ place, dimensions, testsOf } as Partition, dimension, part, one);
  const { count, witness } = dimensions[dimension] ?? { count: 0, witness: () => undefined };
  switch (is.kind) {
    case "test": {
      if (is.test.kind === "present") return one < count - 1;
      if (is.test.kind === "holds") return one === 1;
      const own = testsOf(dimension).find(({ test: other }) => other === is.test);
      return own !== undefined && hasClass(place(own).classes, one);
    }
    case "values":
      return is.values.includes(String(witness(one)));
    case "ranges":
      return is.ranges.some(({ from, to }) => {
        const value = witness(one);
        return typeof value === "number" && from <= value && value <= to;
      });
    case "absent":
      return witness(one) === undefined;
    case "not":
      return !inner(is.of);
    case "any":
      return is.of.some(inner);
    case "but-not":
      return inner(is.of) && !inner(is.not);
    default:
      return is.values.includes(witness(one));
  }
}

describe.each([1, 2, 3, 4, 5, 6, 7, 8])("the list of random plan %i", (seed) => {
  const { partition, root, lines, names } = listed(seed);
  const counts = partition.dimensions.map(({ count }) => count);
  const choices = fc.sample(fc.noBias(fc.tuple(...counts.map((count) => fc.nat(count - 1)))), {
    seed,
    numRuns: 500,
  });

  test("decides as the diagram", () => {
    for (const classes of choices) {
      const first = lines.find(({ sets }) => matches(sets, classes));
      expect(first?.value).toBe(valueAt(root, classes));
    }
  });

  test("has a part of its own in every line", () => {
    for (const line of lines) {
      const classes = counts.map((_, dimension) => line.part.get(dimension)?.[0] ?? 0);
      expect(lines.find(({ sets }) => matches(sets, classes))).toBe(line);
    }
  });

  test("names its sets by predicates that hold in the same classes", () => {
    for (const { sets } of lines) {
      for (const [dimension, runs] of sets) {
        const is = names.of(dimension, runs);
        if (is.kind === "like") continue;
        for (let one = 0; one < (counts[dimension] ?? 0); one++)
          expect(nameHolds(partition, dimension, is, one), JSON.stringify(is)).toBe(hasClass(runs, one));
      }
    }
  });
});
