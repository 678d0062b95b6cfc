// Random plans with random requests for the space, from the generators of test/fuzz.
import fc from "fast-check";
import { passedOn } from "../../../src/model/forwarded.ts";
import type { Plan } from "../../../src/plan/plan.ts";
import { cubesOf } from "../../../src/space/cubes.ts";
import { Members } from "../../../src/space/find-member.ts";
import { description } from "../../fuzz/descriptions.ts";
import { type FuzzRequest, requestsFor } from "../../fuzz/requests.ts";
import { planOf } from "../../fuzz/round.ts";
import { changedPlan } from "./changed-plans.ts";
import { differences, sentWitness, spaceOf, witnessAt, witnessDifferences } from "./members.ts";
import { evaluatedPair, pairDifference } from "./pairs.ts";

export interface Agreement {
  readonly agreed: number;
  /** Outside the space, such as requests with two Hosts. */
  readonly outside: number;
  /** With what makes the request again. */
  readonly differing: readonly string[];
}

export function planOfSeed(seed: number): Plan {
  const [one] = fc.sample(fc.noBias(description), { seed, numRuns: 1 });
  const { plan, refusal } = one === undefined ? { plan: undefined, refusal: "none was made" } : planOf(one);
  if (plan === undefined) throw new Error(`the description of seed ${seed} is refused: ${refusal}`);
  return plan;
}

/** Random requests of one random plan: the region of each has the model's decision. */
export function compareMembers(seed: number, requests: number): Agreement {
  const plan = planOfSeed(seed);
  const space = spaceOf(plan);
  const differing: string[] = [];
  let [agreed, outside] = [0, 0];
  for (const request of fc.sample(fc.noBias(requestsFor(plan)), { seed, numRuns: requests })) {
    const { method, target, from: client } = request;
    const listener = plan.listeners.find(({ name }) => name === request.listener);
    const headers = listener === undefined ? request.headers : passedOn(listener, request.headers, client);
    const found = differences(space, { listener: request.listener, method, target, headers, client }, client);
    if (found === undefined) outside += 1;
    else if (found.length === 0) agreed += 1;
    else differing.push(`seed ${seed}: ${JSON.stringify(request)}\n${found.join("\n")}`);
  }
  return { agreed, outside, differing };
}

/** Witnesses of one random plan: of regions, and of random choices of classes; each is in its region, and has the model's decision. */
export function compareWitnesses(
  seed: number,
  most: number,
): Agreement & { readonly sent: readonly FuzzRequest[] } {
  const space = spaceOf(planOfSeed(seed));
  const { dimensions } = space.partition;
  const members = new Members(space.partition);
  const counts = dimensions.map(({ count }) => count);
  const { cubes } = cubesOf(space.decisions, counts, () => true, Math.floor(most / 2));
  const regions = cubes.map(
    (cube) => members.find(space.decisions, cube, (rule) => rule === cube.value)?.classes,
  );
  const choice = fc.tuple(...counts.map((count) => fc.nat(count - 1)));
  const chosen = fc.sample(fc.noBias(choice), { seed, numRuns: most - cubes.length });
  const sent: FuzzRequest[] = [];
  const all = [...regions, ...chosen].map((classes) => {
    if (classes === undefined) return ["a region without a member"];
    const witness = witnessAt(space, classes);
    sent.push(...[sentWitness(space.plan, witness) ?? []].flat());
    return witnessDifferences(space, classes, witness);
  });
  const differing = all
    .filter((found) => found.length > 0)
    .map((found) => `seed ${seed}: ${found.join("\n")}`);
  return { agreed: all.length - differing.length, outside: 0, differing, sent };
}

/** Random requests of a random plan and of the same with a change: where all facets have the same keys, the model's outcomes are the same. */
export function comparePairs(seed: number, requests: number): Agreement {
  const before = planOfSeed(seed);
  const after = changedPlan(before, seed);
  const pair = evaluatedPair(before, after);
  const sampled = [before, after].flatMap((plan, index) =>
    fc.sample(fc.noBias(requestsFor(plan)), { seed: seed + index, numRuns: requests / 2 }),
  );
  const differing: string[] = [];
  let [agreed, outside] = [0, 0];
  for (const fuzzed of sampled) {
    const { listener, method, target, from: client, headers } = fuzzed;
    const found = pairDifference(pair, { listener, method, target, headers, client }, client);
    if (found === undefined) outside += 1;
    else if (found === "") agreed += 1;
    else differing.push(`seed ${seed}: ${JSON.stringify(fuzzed)}\n${found}`);
  }
  return { agreed, outside, differing };
}
