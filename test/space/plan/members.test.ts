// The space of random plans agrees with the model: `npm run space` compares more.
import { expect, test } from "vitest";
import { type Agreement, compareMembers, comparePairs, compareWitnesses } from "./random-plans.ts";

const PLANS = 20;
const EACH = 100;

function agreement(compare: (seed: number, requests: number) => Agreement): number {
  const all = Array.from({ length: PLANS }, (_, seed) => compare(seed, EACH));
  expect(all.flatMap(({ differing }) => differing)).toEqual([]);
  return all.reduce((sum, { agreed }) => sum + agreed, 0);
}

test("the region of a random request has the model's decision", () => {
  expect(agreement(compareMembers)).toBeGreaterThan(PLANS * EACH * 0.7);
});

test("the witness of a region is in it and has the model's decision", () => {
  expect(agreement(compareWitnesses)).toBe(PLANS * EACH);
});

test("facets with equal keys are equal outcomes, and what differs is in the comparison", () => {
  expect(agreement(comparePairs)).toBeGreaterThan(PLANS * EACH * 0.7);
});
