// Finding HAProxy: search path, parsing of `haproxy -vv`, and remedies for refused builds.
import { copyFile, mkdir, symlink, writeFile } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { expect, test } from "vitest";
import { findHaproxy, queryHaproxy, readVersionText } from "../../src/haproxy/find.ts";
import { findAllHaproxies } from "./all-haproxies.ts";
import { temporaryFolder } from "./fixtures/configs.ts";

const haproxies = await findAllHaproxies();
const nowhere = { checkoutFolder: "/nowhere" };

/** An executable that prints this text for `-vv`: for versions and builds that are not installed. */
async function saying(text: string): Promise<string> {
  const path = join(await temporaryFolder(), "haproxy");
  await writeFile(path, `#!/bin/sh\ncat <<'END'\n${text}\nEND\n`, { mode: 0o755 });
  return path;
}

test("one HAProxy per branch is found, oldest first, with TLS, regular expressions and Lua", () => {
  const branches = haproxies.map(({ branch }) => branch);
  expect(branches.length).toBeGreaterThan(0);
  expect(new Set(branches).size).toBe(branches.length);
  expect([...branches].sort((a, b) => Number(a) - Number(b))).toEqual(branches);
  for (const { version, branch, features } of haproxies) {
    expect(version).toMatch(/^\d+\.\d+\.\d+$/);
    expect(version.startsWith(`${branch}.`)).toBe(true);
    expect(features).toEqual(expect.arrayContaining(["OPENSSL", "LUA"]));
  }
});

test("precedence: --haproxy, $PORTICO_HAPROXY, PATH, the checkout's own", async () => {
  const [first] = haproxies;
  const at = async () => {
    const folder = await temporaryFolder();
    await symlink(first?.path ?? "", join(folder, "haproxy"));
    return folder;
  };
  const [named, fromVariable, onPath] = [await at(), await at(), await at()];
  const checkout = await temporaryFolder();
  await mkdir(join(checkout, "9.9"));
  await symlink(first?.path ?? "", join(checkout, "9.9", "haproxy"));
  const env = { PATH: `/nowhere${delimiter}${onPath}`, PORTICO_HAPROXY: join(fromVariable, "haproxy") };
  const pathOf = async (options: Parameters<typeof findHaproxy>[0]) =>
    (await findHaproxy(options)).value?.path;
  expect(await pathOf({ path: join(named, "haproxy"), env })).toBe(join(named, "haproxy"));
  expect(await pathOf({ env })).toBe(join(fromVariable, "haproxy"));
  expect(await pathOf({ env: { ...env, PORTICO_HAPROXY: "" }, checkoutFolder: checkout })).toBe(
    join(onPath, "haproxy"),
  );
});

test("an explicit one that does not run is not replaced by another", async () => {
  const { value, findings } = await findHaproxy({ path: "/nowhere/haproxy", env: process.env });
  expect(value).toBeUndefined();
  expect(findings).toMatchObject([
    { code: "haproxy-missing", what: "/nowhere/haproxy does not run: ENOENT" },
  ]);
  const notExecutable = join(await temporaryFolder(), "haproxy");
  await copyFile("/dev/null", notExecutable);
  expect((await findHaproxy({ env: { PORTICO_HAPROXY: notExecutable } })).findings[0]?.what).toContain(
    "EACCES",
  );
});

test("another program is reported as not HAProxy", async () => {
  const path = await saying("nginx version: nginx/1.22.1");
  expect((await queryHaproxy(path)).findings).toMatchObject([
    { code: "haproxy-missing", what: `${path} is not HAProxy` },
  ]);
});

test.each([
  "HA-Proxy version 2.2.9-2+deb11u5 2023/04/10",
  "HAProxy version 2.4.24-0ubuntu0.22.04.1 2023/10/31",
])("%s is refused, and the remedy names a source for a newer one", async (firstLine) => {
  const path = await saying(`${firstLine} - https://haproxy.org/\nFeature list : +LUA +OPENSSL +PCRE2`);
  const { value, findings } = await findHaproxy({ path, ...nowhere });
  expect(value).toBeUndefined();
  expect(findings).toMatchObject([{ code: "haproxy-too-old", severity: "error" }]);
  expect(findings[0]?.remedy).toMatch(/haproxy\.debian\.net/);
});

test("a newer one in the checkout is preferred to one on PATH that is too old", async () => {
  const old = await saying("HAProxy version 2.4.24 2023/10/31\nFeature list : +LUA +OPENSSL +PCRE2");
  const checkout = await temporaryFolder();
  await mkdir(join(checkout, "3.0"));
  await writeFile(
    join(checkout, "3.0", "haproxy"),
    "#!/bin/sh\necho 'HAProxy version 3.0.11 2026/10/15'; echo 'Feature list : +LUA +SSL +PCRE2'\n",
    { mode: 0o755 },
  );
  const all = await findAllHaproxies({ env: { PORTICO_HAPROXY: old, PATH: "" }, checkoutFolder: checkout });
  expect(all.map(({ branch }) => branch)).toContain("3.0");
  expect(all.map(({ branch }) => branch)).not.toContain("2.4");
});

test.each([
  ["-LUA +OPENSSL -PCRE +PCRE2", "Lua"],
  ["+LUA +OPENSSL -PCRE -PCRE2", "PCRE or PCRE2 (regular expressions)"],
  ["+LUA -OPENSSL -SSL +PCRE", "OpenSSL (TLS)"],
])("a build with %s is refused because it lacks %s", async (features, name) => {
  const path = await saying(`HAProxy version 2.8.5-1ubuntu3 2024/04/01\nFeature list : ${features}`);
  expect((await queryHaproxy(path)).findings).toMatchObject([
    { code: "haproxy-lacks-feature", what: `${path} (HAProxy 2.8.5) was built without ${name}` },
  ]);
});

test("a development version counts as its branch", () => {
  expect(readVersionText("x", "HAProxy version 3.3-dev5-abc 2026/01/01")).toEqual({
    path: "x",
    version: "3.3.0",
    branch: "3.3",
    features: [],
  });
});
