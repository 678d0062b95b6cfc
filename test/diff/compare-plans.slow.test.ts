// Every difference between the models' answers is found, for any routes and any change.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Edge } from "../../src/description/define-edge.ts";
import { edge } from "../../src/description/schema/edge.ts";
import { comparePlans } from "../../src/diff/compare-plans.ts";
import { changedDetails, outcomeOfDecision, sameOutcome } from "../../src/diff/outcome.ts";
import { planProbes } from "../../src/diff/plan-probes.ts";
import { decide } from "../../src/model/decide.ts";
import type { Plan } from "../../src/plan/plan.ts";
import { planEdge } from "../../src/plan/plan-edge.ts";
import { description } from "../fuzz/descriptions.ts";
import { type FuzzRequest, requestsFor } from "../fuzz/requests.ts";

function planOf(one: unknown): Plan | undefined {
  const parsed = edge.safeParse(one);
  if (!parsed.success) return undefined;
  const { value, findings } = planEdge(parsed.data);
  return findings.some(({ severity }) => severity === "error") ? undefined : value;
}

/** The same description with one route removed, or replaced by a fixed response. */
function altered(one: Edge, pick: number, how: "drop" | "answer" | "path" | "method"): Edge | undefined {
  const sites = structuredClone(one.sites) as Edge["sites"];
  const places = sites.flatMap((site, index) =>
    (site.routes ?? []).map((_, route) => [index, route] as const),
  );
  const [site, route] = places[pick % Math.max(1, places.length)] ?? [];
  const routes = site === undefined ? undefined : sites[site]?.routes;
  const old = route === undefined ? undefined : routes?.[route];
  if (site === undefined || route === undefined || routes === undefined || old === undefined)
    return undefined;
  if (how === "drop") routes.splice(route, 1);
  else if (how === "path") routes[route] = { ...old, path: "/elsewhere" };
  else if (how === "method") routes[route] = { ...old, method: "PUT" };
  else {
    const { path, method, header, query } = old;
    routes[route] = JSON.parse(
      JSON.stringify({ path, method, header, query, respond: { status: 418 } }),
    ) as typeof old;
  }
  return { ...one, sites };
}

function outcome(plan: Plan, { listener, from, method, target, headers }: FuzzRequest) {
  if (!plan.listeners.some(({ name }) => name === listener)) return outcomeOfDecision(plan, null);
  return outcomeOfDecision(plan, decide(plan, { listener, method, target, headers, client: from }));
}

describe("random descriptions", () => {
  test("a description compared with itself has no change, whatever the order of its sites", () => {
    fc.assert(
      fc.property(fc.noBias(description), (one) => {
        const [plan, turned] = [planOf(one), planOf({ ...one, sites: [...one.sites].reverse() })];
        // Of two sites with one host, `internal.site` means the first.
        if (plan === undefined || plan.sites.some(({ name }) => name.includes("#"))) return;
        expect(comparePlans(plan, structuredClone(plan)).changed).toEqual([]);
        if (turned !== undefined)
          expect(
            comparePlans(plan, turned).changed.map(({ probe, before, after }) => [
              probe.url,
              before.text,
              after.text,
              changedDetails(before, after),
            ]),
          ).toEqual([]);
      }),
      { numRuns: 60 },
    );
  });

  test("if the outcome of a random request changes, a boundary changes too", () => {
    let changes = 0;
    fc.assert(
      fc.property(
        fc.noBias(description),
        fc.nat(),
        fc.constantFrom("drop", "answer", "path", "method"),
        fc.nat(),
        (one, pick, how, seed) => {
          const other = altered(one, pick, how);
          const [before, after] = [planOf(one), other === undefined ? undefined : planOf(other)];
          if (before === undefined || after === undefined) return;
          const requests = fc.sample(fc.noBias(requestsFor(before)), { seed, numRuns: 60 });
          const changed = requests.filter(
            (request) => !sameOutcome(outcome(before, request), outcome(after, request)),
          );
          const compared = comparePlans(before, after);
          if (changed.length === 0) return;
          changes += 1;
          expect(compared.changed.length, JSON.stringify([changed[0], other])).toBeGreaterThan(0);
        },
      ),
      { numRuns: 120 },
    );
    expect(changes).toBeGreaterThan(12);
  });

  test("requests that are reported as unaffected have equal decisions in both models", () => {
    fc.assert(
      fc.property(
        fc.noBias(description),
        fc.nat(),
        fc.constantFrom("drop", "answer", "path", "method"),
        (one, pick, how) => {
          const other = altered(one, pick, how);
          const [before, after] = [planOf(one), other === undefined ? undefined : planOf(other)];
          if (before === undefined || after === undefined) return;
          const { untouched } = comparePlans(before, after);
          const bare = { ...after, edge: "another" };
          // Another error page affects every request: the slow case, which compares each.
          const slow = comparePlans(
            { ...before, errorPages: [] },
            { ...bare, errorPages: [{ status: 502, html: "x" }] },
          );
          const moved = new Set(slow.changed.map(({ probe }) => JSON.stringify(probe)));
          expect(untouched.filter((probe) => moved.has(JSON.stringify(probe)))).toEqual([]);
        },
      ),
      { numRuns: 60 },
    );
  });
});

test("every route of a plan is matched by one of the requests", () => {
  fc.assert(
    fc.property(fc.noBias(description), (one) => {
      const plan = planOf(one);
      if (plan === undefined) return;
      const probes = [...planProbes(plan)];
      expect(probes.length).toBeGreaterThan(0);
      for (const { url } of probes) expect(URL.canParse(url.replace(/\?.*$/, ""))).toBe(true);
    }),
    { numRuns: 40 },
  );
});
