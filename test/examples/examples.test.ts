// Every example is what people copy: it loads, plans, renders, is valid without a warning, and does what it says, on every HAProxy at hand.
import { existsSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { findAllHaproxies } from "../../src/haproxy/find.ts";
import { validateConfig } from "../../src/haproxy/validate.ts";
import { playExpectations } from "../../src/lab/expectation.ts";
import { openLabOf } from "../../src/lab/lab.ts";
import type { Plan } from "../../src/plan/plan.ts";
import { exampleNames, examplesFolder, planExample } from "./examples.ts";

const haproxies = await findAllHaproxies();

test("there are examples, and a HAProxy to play them on", () => {
  expect(exampleNames).toContain("elb-classic");
  expect(haproxies).not.toHaveLength(0);
});

describe.each(exampleNames)("examples/%s", (name) => {
  let plan: Plan;

  beforeAll(async () => {
    plan = await planExample(name);
  });

  test("has a README and expects something", () => {
    expect(existsSync(join(examplesFolder, name, "README.md"))).toBe(true);
    expect(plan.expectations.length).toBeGreaterThan(10);
  });

  test.each(haproxies)("is valid and as expected on HAProxy $version", async (haproxy) => {
    const lab = await openLabOf(plan, { haproxy });
    try {
      const { ok, output, warnings } = await validateConfig(haproxy, join(lab.folder, "haproxy", "haproxy.cfg"), { cwd: lab.folder });
      expect({ ok, warnings }, output).toEqual({ ok: true, warnings: [] });
      const played = await playExpectations(lab, plan.expectations);
      const failed = played.filter(({ differences }) => differences.length > 0);
      expect(failed.map(({ expectation, differences }) => ({ line: expectation.at?.line, url: expectation.request.url, differences }))).toEqual([]);
      expect(played).toHaveLength(plan.expectations.length);
    } finally {
      await lab.close();
    }
  });
});
