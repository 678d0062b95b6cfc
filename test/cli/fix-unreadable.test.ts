// portico check --fix: faults that prevent HAProxy from reading a file are fixed, and HAProxy then reads it.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { parseDocument } from "yaml";
import { fixFolder } from "../../src/cli/checked-layers.ts";
import type { CommandContext } from "../../src/cli/command.ts";
import { validateConfig } from "../../src/haproxy/validate.ts";
import { findAllHaproxies } from "../haproxy/all-haproxies.ts";
import { folderWith } from "./portico.ts";

const haproxies = await findAllHaproxies();
const CONFIG = "defaults\n  mode http\n  timeout client 30s\n\nfrontend f\n  bind 127.0.0.1:18080\n";
const inConfigMap = (header: string) => `apiVersion: v1
kind: ConfigMap
metadata: { name: edge }
data:
  haproxy.cfg: ${header}
${CONFIG.replace(/^(?=.)/gm, "    ")}---
apiVersion: v1
kind: Pod
metadata: { name: edge }
spec:
  volumes: [{ name: config, configMap: { name: edge } }]
  containers:
    - name: haproxy
      image: haproxy:3.2
      volumeMounts: [{ name: config, mountPath: /usr/local/etc/haproxy }]
`;

async function fixed(file: string, text: string): Promise<string> {
  const cwd = folderWith({ [file]: text });
  const said: string[] = [];
  const context = { cwd, env: {}, log: (line: string) => said.push(line) } as unknown as CommandContext;
  expect(await fixFolder(context, ".")).toBe(true);
  expect(said.join("\n")).toContain("layer-unreadable");
  return readFileSync(join(cwd, file), "utf8");
}

describe("a haproxy.cfg", () => {
  test.each([
    ["without a line break at its end", CONFIG.trimEnd()],
    ["with a byte order mark", `\ufeff${CONFIG}`],
    ["with both", `\ufeff${CONFIG.trimEnd()}`],
  ])("%s", async (_, text) => {
    const after = await fixed("haproxy.cfg", text);
    expect(after.startsWith(CONFIG.slice(0, 20))).toBe(true);
    const cwd = folderWith({ "before.cfg": text, "after.cfg": after });
    for (const haproxy of haproxies) {
      expect((await validateConfig(haproxy, "before.cfg", { cwd })).ok).toBe(false);
      expect((await validateConfig(haproxy, "after.cfg", { cwd })).errors).toEqual([]);
    }
  });
});

test("in a ConfigMap: the last line break of the block is unchanged", async () => {
  const after = await fixed("objects.yaml", inConfigMap("|-"));
  expect(after).toBe(inConfigMap("|"));
  expect(parseDocument(after.split("---")[0] ?? "").toJS().data["haproxy.cfg"]).toBe(CONFIG);
});
