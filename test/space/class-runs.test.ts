// Sets of classes as runs: each operation gives what the same operation on plain sets gives.
import fc from "fast-check";
import { expect, test } from "vitest";
import {
  type ClassRuns,
  complementOf,
  differenceOf,
  hasClass,
  intersectionOf,
  isSubset,
  overlap,
  runsOf,
  sizeOf,
  unionOf,
} from "../../src/space/class-runs.ts";

const COUNT = 12;
const classes = fc.uniqueArray(fc.nat(COUNT - 1)).map((list) => new Set(list));

const ALL: readonly number[] = Array.from({ length: COUNT }, (_, one) => one);

function listOf(runs: ClassRuns): readonly number[] {
  return ALL.filter((one) => hasClass(runs, one));
}

test("operations on runs are those on sets", () => {
  fc.assert(
    fc.property(classes, classes, (a, b) => {
      const [one, other] = [runsOf(a), runsOf(b)];
      const both = listOf(one).filter((each) => b.has(each));
      const onlyFirst = listOf(one).filter((each) => !b.has(each));
      expect(listOf(unionOf([one, other]))).toEqual(ALL.filter((each) => a.has(each) || b.has(each)));
      expect(listOf(intersectionOf(one, other))).toEqual(both);
      expect(listOf(differenceOf(one, other))).toEqual(onlyFirst);
      expect(listOf(complementOf(one, COUNT))).toEqual(ALL.filter((each) => !a.has(each)));
      expect(sizeOf(one)).toBe(a.size);
      expect(isSubset(one, other)).toBe(onlyFirst.length === 0);
      expect(overlap(one, other)).toBe(both.length > 0);
      // Equal sets have equal runs.
      expect(differenceOf(one, differenceOf(one, other))).toEqual(intersectionOf(one, other));
    }),
    { numRuns: 2000 },
  );
});
