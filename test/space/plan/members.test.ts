// The region of a random request has the model's decision.
import { expect, test } from "vitest";
import { compareMembers } from "./random-plans.ts";

const PLANS = 20;
const REQUESTS = 100;

test(`random plans, ${PLANS * REQUESTS} requests`, () => {
  const all = Array.from({ length: PLANS }, (_, seed) => compareMembers(seed, REQUESTS));
  expect(all.flatMap(({ differing }) => differing)).toEqual([]);
  const agreed = all.reduce((sum, one) => sum + one.agreed, 0);
  expect(agreed).toBeGreaterThan(PLANS * REQUESTS * 0.7);
});
