// The names of HAProxy's sections, in each version.

import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { validateConfig } from "../../../src/haproxy/validate.ts";
import { SECTION_KINDS } from "../../../src/source/haproxy-sections.ts";
import { findAllHaproxies } from "../../haproxy/all-haproxies.ts";

/** The first branch with a section, and the last; other sections are in all supported branches. */
const SINCE: Readonly<Record<string, number>> = {
  "crt-store": 3.0,
  "log-profile": 3.1,
  traces: 3.1,
  acme: 3.2,
  healthcheck: 3.4,
};
const UNTIL: Readonly<Record<string, number>> = { program: 3.2 };

describe.each(await findAllHaproxies())("HAProxy $branch", (haproxy) => {
  test.each([...SECTION_KINDS, "dynamic-update", "stick-table"])("%s", async (word) => {
    const folder = await mkdtemp(join(tmpdir(), "portico-sections-"));
    try {
      const file = join(folder, "haproxy.cfg");
      await writeFile(file, `${word} name\n`);
      const { output } = await validateConfig(haproxy, file);
      const isSection = !output.includes(`unknown keyword '${word}' out of section`);
      const branch = Number(haproxy.branch);
      const expected =
        SECTION_KINDS.has(word) &&
        branch >= (SINCE[word] ?? 0) &&
        branch <= (UNTIL[word] ?? Number.POSITIVE_INFINITY);
      expect(isSection, output).toBe(expected);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
});
