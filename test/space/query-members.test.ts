// Questions about random plans: what a request shows is never proven absent, and each region's example is what the query describes.
import fc from "fast-check";
import { expect, test } from "vitest";
import { type Decision, decide, type ModelRequest } from "../../src/model/decide.ts";
import { passedOn } from "../../src/model/forwarded.ts";
import { refusedByLoadBalancer } from "../../src/model/load-balancer-access.ts";
import type { Plan } from "../../src/plan/plan.ts";
import type { AnswerQuery, Query } from "../../src/plan/query.ts";
import { type Found, findRegions } from "../../src/space/find-regions.ts";
import { Formulas } from "../../src/space/formula.ts";
import { evaluatePlan } from "../../src/space/plan/evaluate-plan.ts";
import { locateRequest } from "../../src/space/plan/locate-request.ts";
import { planQueryDimensions } from "../../src/space/plan/plan-query.ts";
import { findQuestion, violationQuestion } from "../../src/space/query.ts";
import { headerLines } from "../../src/space/witness.ts";
import { requestsFor } from "../fuzz/requests.ts";
import { planOfSeed } from "./plan/random-plans.ts";

function found(plan: Plan, query: Query, questionOf = findQuestion): Found {
  const formulas = new Formulas();
  const program = evaluatePlan(plan, { formulas, paths: plan.paths });
  return findRegions(program, questionOf(query, planQueryDimensions(plan), formulas), { formulas });
}

interface Sent {
  readonly request: ModelRequest;
  readonly decision: Decision;
  /** What the request has, as a query; undefined: it is outside the space. */
  readonly own: Query["request"] | undefined;
}

function sentTo(plan: Plan, seed: number, count: number): readonly Sent[] {
  return fc.sample(fc.noBias(requestsFor(plan)), { seed, numRuns: count }).flatMap((made) => {
    const { method, target, from: client } = made;
    const listener = plan.listeners.find(({ name }) => name === made.listener);
    if (listener === undefined || refusedByLoadBalancer(plan, listener, client) !== undefined) return [];
    const headers = passedOn(listener, made.headers, client);
    const request = { listener: listener.name, method, target, headers, client };
    return [{ request, decision: decide(plan, request), own: ownQuery(plan, request) }];
  });
}

function ownQuery(plan: Plan, request: ModelRequest): Query["request"] | undefined {
  const located = locateRequest(plan, request, request.client);
  if ("outside" in located) return undefined;
  const { value } = located;
  if (value("request-form") !== "path") return undefined;
  const [host, path] = [value("host"), value("path")];
  return {
    listener: request.listener,
    methods: [request.method],
    from: { networks: [String(value("client"))], not: false },
    ...(typeof path === "string" && { path: { exact: path } }),
    ...(typeof host === "string" && /^[a-z0-9.-]+$/.test(host) && { host }),
  };
}

function outcomeOf({ status, backends }: Decision): AnswerQuery | undefined {
  const [backend] = backends;
  if (backend !== undefined) return { backend: backend.pool };
  return status === null ? undefined : { status: { from: status, to: status } };
}

function hasSome({ regions, undecided, incomplete }: Found): boolean {
  return regions.length + undecided.length > 0 || incomplete !== undefined;
}

const SEEDS = Array.from({ length: 60 }, (_, seed) => seed + 1);

test("a request with an outcome is found by what it is, and violates that every such request has another outcome", () => {
  let compared = 0;
  for (const seed of SEEDS) {
    const plan = planOfSeed(seed);
    for (const { request, decision, own } of sentTo(plan, seed, 6)) {
      const answer = outcomeOf(decision);
      if (own === undefined || answer === undefined) continue;
      const text = `seed ${seed}: ${JSON.stringify(request)}`;
      expect(hasSome(found(plan, { request: own, answer })), text).toBe(true);
      compared += 1;
      // A refusal of a malformed request is no other outcome.
      if (decision.status === 400 && decision.route === null) continue;
      const other = { request: own, answer: { backend: "none" } };
      expect(hasSome(found(plan, other, violationQuestion)), text).toBe(true);
    }
  }
  expect(compared).toBeGreaterThan(100);
});

test("the example of a region has the outcome in the model", () => {
  let compared = 0;
  for (const seed of SEEDS) {
    const plan = planOfSeed(seed);
    for (const { name } of plan.backends.slice(0, 3))
      for (const { witness } of found(plan, { request: {}, answer: { backend: name } }).regions.slice(
        0,
        10,
      )) {
        const listener = plan.listeners.find((one) => one.name === witness.listener);
        if (listener === undefined) throw new Error(`no listener ${witness.listener}`);
        const { method, target, client } = witness;
        const headers = passedOn(listener, headerLines(witness), client);
        const { backends } = decide(plan, { listener: listener.name, method, target, headers, client });
        expect(
          backends.map(({ pool }) => pool),
          `seed ${seed}: ${JSON.stringify(witness)}`,
        ).toContain(name);
        compared += 1;
      }
  }
  expect(compared).toBeGreaterThan(100);
});
