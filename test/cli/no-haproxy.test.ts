// No HAProxy, one that is too old, one that lacks a feature: exit status 2, with what to install.
import { chmodSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { DESCRIPTION, folderWith, portico } from "./portico.ts";

/** Answers `haproxy -vv` as that version does. */
const answering = (version: string, features: string) => `#!/bin/sh
cat <<'END'
${version}
Feature list : ${features}
END
`;

const CASES: readonly { readonly name: string; readonly script?: string; readonly finding: RegExp }[] = [
  { name: "none", finding: /^error {2}haproxy-missing\s.*does not run: ENOENT/s },
  {
    name: "not HAProxy",
    script: "#!/bin/sh\necho hello\n",
    finding: /^error {2}haproxy-missing\s.*is not HAProxy/s,
  },
  {
    name: "a HAProxy that fails",
    script: "#!/bin/sh\nexit 3\n",
    finding: /^error {2}haproxy-missing\s.*does not run: 3/s,
  },
  {
    name: "1.8",
    script: answering("HA-Proxy version 1.8.32 2022/10/26", "+PCRE +OPENSSL +LUA"),
    finding: /^error {2}haproxy-too-old\s.*1\.8\.32/s,
  },
  {
    name: "2.4",
    script: answering(
      "HAProxy version 2.4.22-0ubuntu0.22.04.2 2023/08/14 - https://haproxy.org/",
      "+PCRE2 +OPENSSL +LUA",
    ),
    finding: /^error {2}haproxy-too-old\s.*2\.4\.22/s,
  },
  {
    name: "2.8 without Lua",
    script: answering("HAProxy version 2.8.5 2023/12/07", "+PCRE2 +OPENSSL -LUA"),
    finding: /^error {2}haproxy-lacks-feature\s.*without Lua/s,
  },
  {
    name: "2.8 without PCRE",
    script: answering("HAProxy version 2.8.5 2023/12/07", "-PCRE -PCRE2 +OPENSSL +LUA"),
    finding: /^error {2}haproxy-lacks-feature\s.*PCRE/s,
  },
];

test.concurrent.each(CASES)("$name", async ({ script, finding }) => {
  const cwd = folderWith({
    "portico.yaml": DESCRIPTION,
    ...(script === undefined ? {} : { haproxy: script }),
  });
  const haproxy = join(cwd, "haproxy");
  if (script !== undefined) chmodSync(haproxy, 0o755);
  const named = await portico(["test", "--haproxy", haproxy], { cwd });
  const fromEnvironment = await portico(["check"], { cwd, env: { PORTICO_HAPROXY: haproxy } });
  for (const { status, stdout, stderr } of [named, fromEnvironment]) {
    expect(stderr).toMatch(finding);
    expect(stderr).toMatch(/install/i);
    expect([status, stdout]).toEqual([2, ""]);
  }
});

test("commands that do not need HAProxy run without one", async () => {
  const cwd = folderWith({ "portico.yaml": DESCRIPTION });
  const env = { PORTICO_HAPROXY: join(cwd, "nowhere") };
  expect(await portico(["plan"], { cwd, env })).toMatchObject({ status: 0, stderr: "" });
  expect(await portico(["render", "--layer", "haproxy"], { cwd, env })).toMatchObject({
    status: 0,
    stderr: "",
  });
});
