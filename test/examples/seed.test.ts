// The edge that Portico began with, described word for word, does what its hand-written haproxy.cfg did, but for what is meant to differ.
//
// What the original does stands in seed/outcomes.json, played on HAProxy 2.6, the last version that loads it. Where the
// original lies beside the checkout, and there is a HAProxy 2.6, the record is played anew and must be the same.
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { emitHaproxy } from "../../src/emit/haproxy/emit-haproxy.ts";
import { findAllHaproxies } from "../../src/haproxy/find.ts";
import { differences } from "../../src/lab/rewrite.ts";
import { readHaproxyWiring } from "../../src/wiring/haproxy/read.ts";
import { examplesFolder, planExample } from "./examples.ts";
import { rowsUnder } from "./markdown-table.ts";
import { intendedDifferences } from "./seed/intended-differences.ts";
import {
  onLoopback,
  originalFile,
  playOriginal,
  playRendered,
  readOriginal,
  type SeedOutcomes,
} from "./seed/play.ts";
import { seedRequests } from "./seed/requests.ts";

const recorded = JSON.parse(
  readFileSync(new URL("./seed/outcomes.json", import.meta.url), "utf8"),
) as SeedOutcomes;
const haproxies = await findAllHaproxies();
const branch26 = haproxies.find(({ branch }) => branch === "2.6");
const plan = await planExample("elb-classic-verbatim");

describe("the record", () => {
  test("has an outcome for each request, and there are enough of them on both ports", () => {
    expect(Object.keys(recorded)).toEqual(seedRequests.map(({ name }) => name));
    expect(new Set(Object.keys(recorded)).size).toBe(seedRequests.length);
    for (const port of [8000, 9000])
      expect(seedRequests.filter((request) => request.port === port).length).toBeGreaterThanOrEqual(35);
  });

  if (existsSync(originalFile)) {
    const original = readOriginal(readFileSync(originalFile, "utf8"));

    test("is of the original with other addresses and paths, and nothing else changed", () => {
      const moved = onLoopback(
        original,
        (port) => ({ host: "127.0.0.1", port }),
        { host: "127.0.0.2", port: 9000 },
        "/lab",
      );
      const changed = differences(original, moved);
      expect(changed.map(({ kind }) => kind)).not.toContain("other");
      expect(changed.filter(({ kind }) => kind === "privilege").map(({ before }) => before)).toEqual([
        "chroot",
        "/var/lib/haproxy",
      ]);
    });

    test("has the original's ports", () => {
      expect(bindsOf(readHaproxyWiring(original))).toEqual(binds);
    });

    if (branch26 !== undefined) {
      test("is what the original does today", async () => {
        expect(await playOriginal(original, branch26)).toEqual(recorded);
      });
    }
  }
});

/** Of the original; the test above holds them against it where it is there. */
const binds = ["8000", "9000 accept-proxy", "26999"];

describe("examples/elb-classic-verbatim", () => {
  test("binds the original's ports, with PROXY on one of them", () => {
    const { content } = emitHaproxy(plan).find(({ path }) => path === "haproxy/haproxy.cfg") ?? {
      content: "",
    };
    // One more than the original had: probes and metrics have a port of their own.
    expect(bindsOf(readHaproxyWiring(readOriginal(content)))).toEqual([
      "8000",
      "8405",
      "9000 accept-proxy",
      "26999",
    ]);
  });

  test.each(haproxies)(
    "does what the original did, but for what is meant to differ, on HAProxy $version",
    async (haproxy) => {
      const outcomes = await playRendered(plan, haproxy);
      expect(outcomes).toEqual(expected(haproxy.branch));
    },
  );

  test("every intended difference is about requests that are played", () => {
    const idle = intendedDifferences.filter(
      ({ becomes }) =>
        !seedRequests.some((request) =>
          changes(becomes(request, recorded[request.name] ?? "", "2.6"), recorded[request.name]),
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

function expected(haproxyBranch: string): SeedOutcomes {
  return Object.fromEntries(
    seedRequests.map((request) => {
      const original = recorded[request.name] ?? "not recorded";
      const intended = intendedDifferences
        .map(({ becomes }) => becomes(request, original, haproxyBranch))
        .find((outcome) => outcome !== undefined);
      return [request.name, intended ?? original];
    }),
  );
}

function changes(outcome: string | undefined, original: string | undefined): boolean {
  return outcome !== undefined && outcome !== original;
}

/** `9000 accept-proxy`, in the order of the ports; sockets left out. */
function bindsOf({ binds: all }: ReturnType<typeof readHaproxyWiring>): readonly string[] {
  return all
    .filter(({ kind }) => kind === "proxy")
    .map(({ address, acceptProxy }) => `${address.ports?.from}${acceptProxy ? " accept-proxy" : ""}`)
    .sort((a, b) => Number.parseInt(a, 10) - Number.parseInt(b, 10));
}
