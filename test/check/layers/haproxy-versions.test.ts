// The table of refused directives agrees with HAProxy itself.
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  ANNOUNCED_VERSIONS,
  compareVersions,
  type HaproxyVersion,
  REFUSED_DIRECTIVES,
  refuses,
  SUPPORTED_VERSIONS,
} from "../../../src/check/layers/haproxy-versions.ts";
import { haproxyUpgradeRefuses } from "../../../src/check/rules/haproxy-upgrade-refuses.ts";
import { validateConfig } from "../../../src/haproxy/validate.ts";
import { readWiring } from "../../../src/wiring/read-wiring.ts";
import { findAllHaproxies } from "../../haproxy/all-haproxies.ts";

const PROXIES = ["defaults", "frontend", "backend", "listen"];
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

describe("what HAProxy 3.5 removes", () => {
  const newest = haproxies.filter(({ branch }) => branch === "3.4");
  const removed = REFUSED_DIRECTIVES.filter(({ refusedFrom }) => refusedFrom === "3.5");

  test("is what 3.4 announces", async () => {
    const file = join(folder, "haproxy.cfg");
    for (const haproxy of newest)
      for (const { sections, sample } of removed) {
        await writeFile(file, configWith(sections, sample));
        expect((await validateConfig(haproxy, file)).output).toContain("will be removed in 3.5");
      }
    expect(removed.length).toBeGreaterThan(3);
  });

  test.each([
    ["global", "master-worker", "`-W`"],
    ["global", "master-worker no-exit-on-failure", "`-W`"],
    ["listen l", "dispatch 10.0.0.1:80", "`server dispatch ADDRESS:PORT`"],
    ["backend b", "option transparent", "`server transparent 0.0.0.0`"],
    ["defaults", "transparent", "`server transparent 0.0.0.0`"],
    ["global", "tune.quic.socket-owner listener", "`force-off`"],
  ])("%s: %s", async (section, line, remedy) => {
    const text = `${section}\n  ${line}\n`;
    const found = [haproxyUpgradeRefuses.check(await readWiring([{ file: "haproxy.cfg", text }]))].flat();
    expect(found).toHaveLength(1);
    expect(found[0]?.what).toMatch(/^HAProxy (.* and )?3\.5 refuse/);
    expect(found[0]?.remedy).toContain(remedy);
    expect(found[0]?.at[0]?.line).toBe(2);
  });

  test("a server of that name is not removed", async () => {
    const text = "backend b\n  server dispatch 10.0.0.1:80\n  option redispatch 1\n";
    expect(haproxyUpgradeRefuses.check(await readWiring([{ file: "haproxy.cfg", text }]))).toEqual([]);
  });
});

test("a supported version, or one that is announced, is never unknown", () => {
  for (const version of [...SUPPORTED_VERSIONS, ...ANNOUNCED_VERSIONS]) {
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
  const proxy =
    sections.includes("global") || !sections.some((section) => PROXIES.includes(section))
      ? ""
      : sections.includes("frontend")
        ? "frontend"
        : "backend";
  return [
    `global\n${inside("global")}`,
    "defaults\n  mode http\n  timeout connect 2s\n  timeout client 3s\n  timeout server 3s\n",
    `frontend f\n  bind 127.0.0.1:18080\n${proxy === "frontend" ? inside("frontend") : ""}  default_backend b\n`,
    `backend b\n${proxy === "backend" ? inside("backend") : ""}  server s 127.0.0.1:1\n`,
    ...(sections.includes(line.split(" ")[0] ?? "") ? [`${line}\n`] : []),
  ].join("\n");
}
