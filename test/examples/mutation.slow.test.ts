// Every line of an example is tested: without it an expectation fails, or the description is invalid.
import { availableParallelism } from "node:os";
import { describe, expect, test } from "vitest";
import { edge as edgeSchema } from "../../src/description/schema/edge.ts";
import { findHaproxy, type Haproxy } from "../../src/haproxy/find.ts";
import { runExpectations } from "../../src/lab/expectation.ts";
import { openLabOf } from "../../src/lab/lab.ts";
import type { Plan } from "../../src/plan/plan.ts";
import { planEdge } from "../../src/plan/plan-edge.ts";
import { exampleNames, loadExample } from "./examples.ts";
import { covers, notInTraffic, reasonFor } from "./not-in-traffic.ts";
import { type Removal, removalsFrom } from "./removals.ts";

const found = await findHaproxy();
const haproxy = present(found.value, "a HAProxy");

describe.each(exampleNames)("examples/%s", (name) => {
  test("every removal that changes a response fails an expectation", { timeout: 240_000 }, async () => {
    const { edge } = await loadExample(name);
    const removals = sampled(name, removalsFrom(edge)).filter(
      ({ path }) => reasonFor(name, path) === undefined,
    );
    const outcomes = await eachOf(removals, async (removal) => ({
      path: removal.path,
      seen: await isSeen(removal, haproxy),
    }));
    expect(outcomes.filter(({ seen }) => !seen).map(({ path }) => path)).toEqual([]);
    expect(outcomes.length).toBeGreaterThan(10);
  });

  test("a removal that changes no response changes the plan, or is listed as a default", async () => {
    const { edge } = await loadExample(name);
    const whole = decisions(present(planEdge(edge).value, "a plan"));
    const wrong = removalsFrom(edge).flatMap(({ path, description }) => {
      const reason = reasonFor(name, path);
      const plan = reason === undefined ? undefined : planOf(description);
      if (reason === undefined || plan === undefined) return [];
      const changes = decisions(plan) !== whole;
      return changes === (reason.isDefault === true) ? [{ path, changes, because: reason.because }] : [];
    });
    expect(wrong).toEqual([]);
  });

  test("every listed reason is for an existing part", async () => {
    const { edge } = await loadExample(name);
    const paths = removalsFrom(edge).map(({ path }) => path);
    const own = notInTraffic.filter(({ example }) => example === name);
    expect(own.filter((entry) => !paths.some((path) => covers(entry.path, path)))).toEqual([]);
  });
});

test("every listed reason is for an existing example", () => {
  expect(notInTraffic.filter(({ example }) => !exampleNames.includes(example))).toEqual([]);
});

/** Of a thousand similar routes: the first three, of which one has a condition, and the last. */
function sampled(name: string, removals: readonly Removal[]): readonly Removal[] {
  if (name !== "generated-routes") return removals;
  const routes = removals.filter(({ path }) => /^sites\.0\.routes\.\d+$/.test(path)).length;
  const chosen = ["0", "1", "2", String(routes - 1)];
  return removals.filter(
    ({ path }) => !/^sites\.0\.routes\.\d/.test(path) || chosen.includes(path.split(".")[3] ?? ""),
  );
}

function planOf(description: unknown): Plan | undefined {
  const { data } = edgeSchema.safeParse(description);
  return data === undefined ? undefined : planEdge(data).value;
}

async function isSeen({ description }: Removal, on: Haproxy): Promise<boolean> {
  const plan = planOf(description);
  if (plan === undefined) return true;
  const lab = await openLabOf(plan, { haproxy: on });
  try {
    for (const part of parts(plan.expectations)) {
      const results = await runExpectations(lab, part);
      if (results.some(({ differences }) => differences.length > 0)) return true;
    }
    return false;
  } finally {
    await lab.close();
  }
}

/** Early failures save time: the first hundred, the last hundred, and then those between. */
function parts<T>(all: readonly T[]): readonly (readonly T[])[] {
  return [all.slice(0, 100), all.slice(100).slice(-100), all.slice(100, -100)];
}

/** The decisions, without reasons and places. */
function decisions(plan: Plan): string {
  const left = new Set(["because", "at", "expectations"]);
  return JSON.stringify(plan, (key, value: unknown) => (left.has(key) ? undefined : value));
}

async function eachOf<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<readonly R[]> {
  const results: R[] = [];
  let next = 0;
  const worker = async (): Promise<void> => {
    for (let index = next++; index < items.length; index = next++) {
      const item = items[index];
      if (item !== undefined) results[index] = await work(item);
    }
  };
  await Promise.all(Array.from({ length: 2 * availableParallelism() }, worker));
  return results;
}

function present<T>(value: T | undefined, what: string): T {
  if (value === undefined) throw new Error(`there is no ${what.replace(/^a /, "")}`);
  return value;
}
