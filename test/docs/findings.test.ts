// Every code has a page in docs/findings/, and every page shows an example with the finding and one without.

import { readdirSync, readFileSync } from "node:fs";
import { mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { checkDescription } from "../../src/check/check-description.ts";
import { RULES } from "../../src/check/rules/index.ts";
import { suppressed } from "../../src/check/suppressed-by-description.ts";
import { loadDescription } from "../../src/description/load.ts";
import { ENVIRONMENT_CODES, FINDING_CODES } from "../../src/findings/codes.ts";
import type { Finding } from "../../src/findings/finding.ts";
import { planEdge } from "../../src/plan/plan-edge.ts";
import { findAllHaproxies } from "../haproxy/all-haproxies.ts";
import { examplesUnder, FINDING_PAGES, pageOf, severityOf } from "./pages.ts";

const src = fileURLToPath(new URL("../../src/", import.meta.url));
const haproxies = await findAllHaproxies();

/** Pages without an example: their cause is not in a description. */
const ABOUT_THE_MACHINE = new Set<string>([
  ...ENVIRONMENT_CODES,
  "haproxy-missing",
  "haproxy-too-old",
  "haproxy-lacks-feature",
  "invalid-host",
  "not-a-description",
]);

/** Codes that a page may show only in layers, which test/docs/layer-findings.test.ts checks. */
const ABOUT_LAYERS = new Set<string>([
  ...RULES.map(({ code }) => code),
  "layer-unreadable",
  "layer-not-understood",
  "layer-comment-differs",
  "layer-differs-from-plan",
]);

/** Pages whose bad example cannot be in a page: the state is created here, and the file is named where a search of the folder would not find it. */
const MADE: Readonly<
  Record<string, { readonly make: (cwd: string) => Promise<void>; readonly named?: string }>
> = {
  "description-unreadable": {
    make: (cwd) => symlink("portico.yaml", join(cwd, "portico.yaml")),
    named: "portico.yaml",
  },
  "description-too-large": {
    make: (cwd) => writeFile(join(cwd, "portico.yaml"), "#".repeat(9 * 1024 * 1024)),
  },
  "description-not-text": {
    make: (cwd) => writeFile(join(cwd, "portico.yaml"), Buffer.from([0x65, 0x3a, 0xff, 0xfe])),
  },
};

const pages = readdirSync(FINDING_PAGES)
  .map((file) => file.replace(/\.md$/, ""))
  .sort();

test("every code has a page, and every page has a code", () => {
  expect(pages).toEqual([...FINDING_CODES].sort());
});

test("every code is reported by something", () => {
  const sources = readdirSync(src, { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".ts") && file !== join("findings", "codes.ts"))
    .map((file) => readFileSync(join(src, file), "utf8"))
    .join("\n");
  expect(FINDING_CODES.filter((code) => !sources.includes(`"${code}"`))).toEqual([]);
});

test("the lists of exceptions name pages that exist", () => {
  expect([...ABOUT_THE_MACHINE, ...Object.keys(MADE)].filter((code) => !pages.includes(code))).toEqual([]);
});

describe.each(pages)("%s", (code) => {
  test("begins with its name and severity", () => {
    const page = pageOf(code);
    expect(page.startsWith(`# ${code}\n`)).toBe(true);
    expect(severityOf(page)).toBeDefined();
  });
});

describe.each([...ABOUT_THE_MACHINE])("%s", (code) => {
  test("describes the cause without a bad example", () => {
    expect(examplesUnder(pageOf(code), "Wrong")).toBeUndefined();
    expect(pageOf(code).split("\n\n").length).toBeGreaterThan(2);
  });
});

const inDescriptions = pages.filter(
  (code) =>
    !ABOUT_THE_MACHINE.has(code) &&
    (!ABOUT_LAYERS.has(code) || examplesUnder(pageOf(code), "Wrong") !== undefined),
);

describe.each(inDescriptions)("%s", (code) => {
  const page = pageOf(code);

  test("is found in the bad example", async () => {
    const wrong = examplesUnder(page, "Wrong");
    expect(wrong !== undefined || MADE[code] !== undefined).toBe(true);
    const findings = await findingsOf(async (cwd) => {
      await MADE[code]?.make(cwd);
      for (const { file, text } of wrong ?? []) await writeFile(join(cwd, file), text);
    }, MADE[code]?.named);
    const found = findings.filter((finding) => finding.code === code);
    expect(
      found.map(({ severity }) => severity),
      JSON.stringify(findings, null, 2),
    ).toContain(severityOf(page));
    if (!ABOUT_LAYERS.has(code)) return;
    // A rule about rendered files: the line of the description that decides it, then the rendered ones.
    for (const { at } of found) {
      expect(at[0]?.file).toBe("portico.yaml");
      expect(at[0]?.line).toBeGreaterThan(1);
    }
  });

  test("the good example has no finding", async () => {
    const right = examplesUnder(page, "Right");
    expect(right?.length).toBeGreaterThan(0);
    const findings = await findingsOf(async (cwd) => {
      for (const { file, text } of right ?? []) await writeFile(join(cwd, file), text);
    });
    // A note that applies to every restricted path below an open one.
    const others = findings.filter((one) => one.code === code || one.code !== "restricted-path-spellings");
    expect(others).toEqual([]);
  });
});

/** The findings of loading, planning and checking the description in a folder. */
async function findingsOf(
  write: (cwd: string) => Promise<void>,
  named?: string,
): Promise<readonly Finding[]> {
  const cwd = await mkdtemp(join(tmpdir(), "portico-docs-"));
  try {
    await write(cwd);
    // The time limit only affects the example that never ends.
    const loaded = await loadDescription(named, { cwd, timeLimitMs: 5000 });
    if (loaded.value === undefined) return loaded.findings;
    const planned = planEdge(loaded.value.edge, loaded.value.positionOf);
    if (planned.value === undefined) return [...loaded.findings, ...planned.findings];
    const [haproxy] = haproxies;
    if (haproxy === undefined) throw new Error("no HAProxy on this machine");
    const checked = await checkDescription(planned.value, loaded.value, { haproxy });
    return suppressed([...loaded.findings, ...planned.findings, ...checked], loaded.value, loaded.sources);
  } finally {
    await rm(cwd, { recursive: true, force: true });
  }
}
