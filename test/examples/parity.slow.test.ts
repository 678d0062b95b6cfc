// npm run parity: wrong usage is refused, and a folder that is not the original edge has differences.
import { spawnSync } from "node:child_process";
import { resolve } from "node:path";
import process from "node:process";
import { describe, expect, test } from "vitest";
import { findAllHaproxies } from "../haproxy/all-haproxies.ts";

const root = resolve(import.meta.dirname, "../..");
const haproxies = await findAllHaproxies();

function parity(...args: readonly string[]) {
  const script = ["--conditions=portico-sources", "scripts/parity.ts", ...args];
  const { INIT_CWD: _, ...env } = process.env;
  return spawnSync(process.execPath, script, { cwd: root, env, encoding: "utf8" });
}

describe("wrong usage", () => {
  test.each<[string, readonly string[], RegExp]>([
    ["no folder", [], /^npm run parity -- FOLDER/],
    ["two folders", ["docs", "examples"], /^npm run parity -- FOLDER/],
    ["an option", ["--help"], /^npm run parity -- FOLDER/],
    ["no such folder", ["nowhere"], /^nowhere is not a folder\n$/],
    ["a folder without HAProxy", ["docs/concepts"], /^docs\/concepts has no haproxy.cfg\n$/],
  ])("%s", (_, args, expected) => {
    const { status, stdout, stderr } = parity(...args);
    expect(stderr).toMatch(expected);
    expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
  });
});

test("another edge differs in every part; without HAProxy 2.6 nothing is compared", () => {
  const { status, stdout, stderr } = parity("examples/hand-written");
  if (haproxies.some(({ branch }) => branch === "2.6")) {
    expect(stdout.match(/^[✓✗] \S+/gm)).toEqual([
      "✗ findings",
      "✗ docs/original-edge.md",
      "✗ loopback",
      "✗ expectations",
      "✗ outcomes",
    ]);
    expect(stdout).toMatch(/\n5 of 5 parts differ\n$/);
    expect({ status, stderr }).toEqual({ status: 1, stderr: "" });
  } else {
    expect(stderr).toMatch(/^HAProxy 2.6 is not installed/);
    expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
  }
});
