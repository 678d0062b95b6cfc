// examples/elb-classic-verbatim has the outcomes of the original edge, except for the intended differences.
//
// verbatim/outcomes.json records the outcomes of the original on HAProxy 2.6, the last version that loads it.
// `npm run parity -- FOLDER` compares the record with the original itself.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { emitHaproxy } from "../../src/emit/haproxy/emit-haproxy.ts";
import { findAllHaproxies } from "../haproxy/all-haproxies.ts";
import { examplesFolder, planExample } from "./examples.ts";
import { rowsUnder } from "./markdown-table.ts";
import { expectedOutcomes, intendedDifferences } from "./verbatim/intended-differences.ts";
import { originalRequests } from "./verbatim/requests.ts";
import { bindsOf, type Outcomes, readOriginal, runRendered } from "./verbatim/run.ts";

const recorded = JSON.parse(
  readFileSync(new URL("./verbatim/outcomes.json", import.meta.url), "utf8"),
) as Outcomes;
const haproxies = await findAllHaproxies();
const plan = await planExample("elb-classic-verbatim");

describe("the record", () => {
  test("has an outcome for each request, and there are enough of them on both ports", () => {
    expect(Object.keys(recorded)).toEqual(originalRequests.map(({ name }) => name));
    expect(new Set(Object.keys(recorded)).size).toBe(originalRequests.length);
    for (const port of [8000, 9000])
      expect(originalRequests.filter((request) => request.port === port).length).toBeGreaterThanOrEqual(35);
  });
});

describe("examples/elb-classic-verbatim", () => {
  test("binds the original's ports, with PROXY on one of them", () => {
    const { content } = emitHaproxy(plan).find(({ path }) => path === "haproxy/haproxy.cfg") ?? {
      content: "",
    };
    // One more than in the original: probes and metrics have their own port.
    expect(bindsOf(readOriginal(content))).toEqual(["8000", "8405", "9000 accept-proxy", "26999"]);
  });

  test.each(haproxies)(
    "has the outcomes of the original, except for the intended differences, on HAProxy $version",
    async (haproxy) => {
      const outcomes = await runRendered(plan, haproxy);
      expect(outcomes).toEqual(expectedOutcomes(recorded));
    },
  );

  test("every intended difference changes the outcome of a request", () => {
    const idle = intendedDifferences.filter(
      ({ becomes }) =>
        !originalRequests.some((request) =>
          changes(becomes(request, recorded[request.name] ?? ""), recorded[request.name]),
        ),
    );
    expect(idle).toEqual([]);
  });

  test("its README has the intended differences, each with its reason", () => {
    const readme = readFileSync(join(examplesFolder, "elb-classic-verbatim", "README.md"), "utf8");
    expect(rowsUnder("Intended differences", readme)).toEqual(
      intendedDifferences.map(({ what, because }) => [what, because]),
    );
  });
});

function changes(outcome: string | undefined, original: string | undefined): boolean {
  return outcome !== undefined && outcome !== original;
}
