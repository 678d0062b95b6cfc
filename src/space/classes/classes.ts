// The values of a dimension, split into classes that no test tells apart.
import type { ClassRuns } from "../class-runs.ts";
import type { Dimension, Test } from "../dimension.ts";
import type { Predicate } from "../predicate.ts";
import type { TextClasses } from "../text/partition-text.ts";

/** Of a text, an address or a token; a number; whether an unknown condition holds; undefined: the request does not have it. */
export type Value = string | number | boolean | undefined;

/** Classes are numbered from 0; where the dimension is optional, the last is "absent". */
export interface Classes {
  readonly dimension: Dimension;
  readonly count: number;
  /** A short, readable member. */
  readonly witness: (index: number) => Value;
  /** The classes in which a test of this dimension holds; for a text, one of the tests that it was split by. */
  readonly holds: (test: Test["test"]) => ClassRuns;
  /** What a set of classes is called without tests; undefined: tests are needed. */
  readonly nameOf?: (classes: ClassRuns) => Predicate;
  /** Of a text: a member with answers of separate tests, which the classes do not tell apart. */
  readonly member?: TextClasses["member"];
  /** undefined: the value is none of the dimension's. */
  readonly classOf: (value: Value) => number | undefined;
}

/** Values in the order of a line, split where a test changes; neighbours that are equal for all tests, and parts far from each other, are one class. */
export interface Line<T> {
  /** Where a part begins, in ascending order; the first is the line's own beginning. */
  readonly starts: readonly T[];
  /** The class of each part. */
  readonly classes: readonly number[];
  readonly count: number;
}

/** Gives parts with the same tests the same class. `testsAt`: the tests that hold from a start on. */
export function lineOf<T>(starts: readonly T[], testsAt: (start: T) => string): Line<T> {
  const known = new Map<string, number>();
  const classes = starts.map((start) => {
    const tests = testsAt(start);
    const found = known.get(tests) ?? known.size;
    known.set(tests, found);
    return found;
  });
  return { starts, classes, count: known.size };
}

/** The part that a value is in; `starts` begins at or before it. */
export function partOf<T extends number | bigint>({ starts }: Line<T>, value: T): number {
  let low = 0;
  let high = starts.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    const start = starts[middle];
    if (start !== undefined && start <= value) low = middle;
    else high = middle - 1;
  }
  return low;
}
