// What the table of refused directives says is what HAProxy itself says.
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  compareVersions,
  type HaproxyVersion,
  REFUSED_DIRECTIVES,
  refuses,
  SUPPORTED_VERSIONS,
} from "../../../src/check/layers/haproxy-versions.ts";
import { findAllHaproxies } from "../../../src/haproxy/find.ts";
import { validateConfig } from "../../../src/haproxy/validate.ts";

const haproxies = await findAllHaproxies();
let folder = "";

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "portico-versions-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe.each(haproxies)("HAProxy $version", (haproxy) => {
  const version = /^\d+\.\d+/.exec(haproxy.version)?.[0] as HaproxyVersion;

  test.each(REFUSED_DIRECTIVES)("$sample", async (directive) => {
    const file = join(folder, "haproxy.cfg");
    await writeFile(file, configWith(directive.sections, directive.sample));
    const { ok, output } = await validateConfig(haproxy, file);
    expect(!ok, output).toBe(refuses(version, directive));
  });
});

test("a supported version is never unknown", () => {
  for (const version of SUPPORTED_VERSIONS) {
    for (const directive of REFUSED_DIRECTIVES) {
      expect(refuses(version, directive), `${directive.sample} on ${version}`).toBeDefined();
    }
  }
});

test("versions are compared by number", () => {
  expect(compareVersions("2.10", "2.9")).toBeGreaterThan(0);
  expect(compareVersions("3.0", "2.9")).toBeGreaterThan(0);
  expect(compareVersions("2.6", "2.6")).toBe(0);
});

function configWith(sections: readonly string[], line: string): string {
  const inside = (section: string) => (sections.includes(section) ? `  ${line}\n` : "");
  const proxy = sections.includes("global") ? "" : sections.includes("frontend") ? "frontend" : "backend";
  return [
    `global\n${inside("global")}`,
    "defaults\n  mode http\n  timeout connect 2s\n  timeout client 3s\n  timeout server 3s\n",
    `frontend f\n  bind 127.0.0.1:18080\n${proxy === "frontend" ? inside("frontend") : ""}  default_backend b\n`,
    `backend b\n${proxy === "backend" ? inside("backend") : ""}  server s 127.0.0.1:1\n`,
  ].join("\n");
}
