// Even samples of lists: never more than requested, from the whole list, without repetitions.
import fc from "fast-check";
import { expect, test } from "vitest";
import { spread, spreadPairs } from "../../src/diff/spread.ts";

const list = fc.integer({ min: 0, max: 60 }).map((length) => Array.from({ length }, (_, index) => index));
const most = fc.integer({ min: 1, max: 40 });

test("some of a list", () => {
  fc.assert(
    fc.property(list, most, (all, count) => {
      const some = spread(all, count);
      expect(some).toHaveLength(Math.min(all.length, count));
      expect(some).toEqual([...new Set(some)].sort((a, b) => a - b));
    }),
  );
});

test("some of all pairs of two lists: all of them where they are few", () => {
  fc.assert(
    fc.property(list, list, most, (some, others, count) => {
      const whole = some.flatMap((one) => others.map((other) => [one, other] as const));
      expect(spreadPairs(some, others, count)).toEqual(spread(whole, count));
    }),
  );
});
