// Every example loads, plans, renders, is valid without a warning, and meets its expectations, on every installed HAProxy.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { checkDescription } from "../../src/check/check-description.ts";
import type { LoadedDescription } from "../../src/description/load.ts";
import { validateConfig } from "../../src/haproxy/validate.ts";
import { runExpectations } from "../../src/lab/expectation.ts";
import { openLabOf } from "../../src/lab/lab.ts";
import type { Plan } from "../../src/plan/plan.ts";
import { findAllHaproxies } from "../haproxy/all-haproxies.ts";
import { exampleNames, examplesFolder, layerExampleNames, loadExample, planExample } from "./examples.ts";
import { rowsUnder } from "./markdown-table.ts";

const haproxies = await findAllHaproxies();

test("there are examples and a HAProxy to test them", () => {
  expect(exampleNames).toContain("elb-classic");
  expect(haproxies).not.toHaveLength(0);
});

// Its tests are test/lab/hand-written.test.ts and test/check/hand-written.test.ts.
test("only hand-written has no description", () => {
  expect(layerExampleNames).toEqual(["hand-written"]);
});

describe.each(exampleNames)("examples/%s", (name) => {
  let description: LoadedDescription;
  let plan: Plan;
  let readme: string;

  beforeAll(async () => {
    description = await loadExample(name);
    plan = await planExample(name);
    readme = readFileSync(join(examplesFolder, name, "README.md"), "utf8");
  });

  test("has expectations, and its README shows how to run them", () => {
    expect(plan.expectations.length).toBeGreaterThan(10);
    expect(readme).toContain(`bin/portico test examples/${name}`);
  });

  test("has only the findings that its README lists", async () => {
    const named = rowsUnder("Findings", readme).map(([code = ""]) => code.replaceAll("`", ""));
    expect((await checkDescription(plan, description)).map(({ code }) => code)).toEqual(named);
  });

  test.each(haproxies)("is valid and as expected on HAProxy $version", async (haproxy) => {
    const lab = await openLabOf(plan, { haproxy });
    try {
      const { ok, output, warnings } = await validateConfig(
        haproxy,
        join(lab.folder, "haproxy", "haproxy.cfg"),
        { cwd: lab.folder },
      );
      expect({ ok, warnings }, output).toEqual({ ok: true, warnings: [] });
      const results = await runExpectations(lab, plan.expectations);
      const failed = results.filter(({ differences }) => differences.length > 0);
      expect(
        failed.map(({ expectation, differences }) => ({
          line: expectation.at?.line,
          url: expectation.request.url,
          differences,
        })),
      ).toEqual([]);
      expect(results).toHaveLength(plan.expectations.length);
    } finally {
      await lab.close();
    }
  });
});
