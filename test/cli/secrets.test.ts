// No command shows a password, a key or a credential of a request: text, JSON, JUnit, SARIF and annotations.
import { readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { folderWith, portico } from "./portico.ts";

const KEY = "d8ZbTq2VwNc0mYhJ4uKfRx7LsPa1GiEo5tWn9CkBvQ3zMy6DjHrUeXgS";
const SECRETS = [
  KEY,
  "stats-pass-1",
  "ZXhwZWN0ZWQ",
  "c2VudC10b2tlbg",
  "routed-key-1",
  "set-token-1",
  "set-token-2",
  "cookie-1",
  "raw-pass-1",
];

const description = (token: string) => `edge: app
stickyKey: ${KEY}
stats: { public: true, user: { name: ops, password: stats-pass-1 } }
sites:
  - host: www.example.com
    routes:
      - { path: /keyed, header: { x-api-key: routed-key-1 }, to: web }
      - { path: /redirected, redirect: { to: /x }, requestHeaders: { set: { x-auth-token: ${token} } } }
      - { path: /, to: web, requestHeaders: { set: { x-auth-token: ${token} } } }
backends:
  web:
    servers: ["10.0.0.7:8080", "10.0.0.8:8080"]
    sticky: { cookie: srv }
    raw: ["http-request set-header x-other-token raw-pass-1"]
expect:
  - { get: "http://www.example.com/", headers: { authorization: Basic c2VudC10b2tlbg, cookie: s=cookie-1 }, backend: web }
  - { get: "http://www.example.com/", headers: { authorization: Bearer c2VudC10b2tlbg }, seen: { headers: { authorization: Bearer ZXhwZWN0ZWQ } } }
`;

/** Without `fix` and colours: what each command prints. */
async function shown(cwd: string, ...words: readonly string[]): Promise<string> {
  const { stdout, stderr, status } = await portico(words, { cwd });
  expect(status, stdout + stderr).not.toBe(3);
  return stdout + stderr;
}

describe("a description", () => {
  let cwd: string;
  beforeAll(() => {
    cwd = folderWith({
      "portico.yaml": description("set-token-1"),
      "other.yaml": description("set-token-2"),
    });
  });

  test.each([
    ["plan"],
    ["plan", "--json"],
    ["check"],
    ["check", "--json"],
    ["check", "--format", "sarif"],
    ["check", "--format", "github"],
    ["test"],
    ["test", "--json"],
    ["test", "--format", "junit"],
    ["test", "--format", "sarif"],
    [
      "explain",
      "GET",
      "http://www.example.com/keyed",
      "-H",
      "authorization: Basic c2VudC10b2tlbg",
      "-H",
      "x-api-key: c2VudC10b2tlbg",
    ],
    ["explain", "GET", "http://www.example.com/keyed", "-H", "authorization: Basic c2VudC10b2tlbg", "--json"],
    ["diff", "portico.yaml", "other.yaml"],
    ["diff", "portico.yaml", "other.yaml", "--json"],
    ["diff", "portico.yaml", "other.yaml", "--sarif"],
    ["find", "--path", "/keyed", "--backend", "web"],
    ["find", "--path", "/keyed", "--backend", "web", "--json"],
    ["routes"],
    ["routes", "--json"],
  ])("%s %s %s", async (...words) => {
    const text = await shown(cwd, ...words.filter((word) => word !== undefined));
    expect(text.length).toBeGreaterThan(100);
    for (const secret of SECRETS) expect(text).not.toContain(secret);
    if (words[0] !== "check") expect(text).toContain("***");
    if (words[0] === "test" || words[0] === "diff") expect(text).toContain("differs (masked)");
  });

  test("rendered secrets are in files that only their owner can read", async () => {
    await shown(cwd, "render");
    const out = join(cwd, "out");
    const having = readdirSync(out, { recursive: true, encoding: "utf8" }).filter((path) => {
      const file = join(out, path);
      if (!statSync(file).isFile()) return false;
      const text = readFileSync(file, "utf8");
      return SECRETS.some(
        (secret) => text.includes(secret) || text.includes(Buffer.from(secret).toString("base64")),
      );
    });
    expect(having).toContain("kubernetes/secret.yaml");
    for (const path of having)
      expect([path, (statSync(join(out, path)).mode & 0o777).toString(8)]).toEqual([path, "600"]);
  });
});

test("layers written by hand", async () => {
  const cwd = folderWith({
    "layers/haproxy.cfg": `defaults
    mode http
userlist people
    user jo insecure-password raw-pass-1
frontend web
    bind :80
    stats enable
    stats uri /stats
    stats auth admin:stats-pass-1
    http-request auth unless { http_auth(people) }
    http-request set-header authorization "Basic c2VudC10b2tlbg"
    default_backend app
backend app
    dynamic-cookie-key ${KEY}
    cookie S insert dynamic
    server a 10.0.0.1:80 cookie-1
`,
    "layers/secret.yaml": `apiVersion: v1beta1
kind: Secret
metadata: { name: keys }
data:
  token: ZXhwZWN0ZWQ
  token: ZXhwZWN0ZWQ
`,
  });
  for (const format of ["text", "json", "sarif", "github"]) {
    const text = await shown(cwd, "check", "--layers", "layers", "--format", format);
    for (const secret of SECRETS.filter((one) => one !== "cookie-1")) expect(text).not.toContain(secret);
  }
});

test("a folder whose Secret differs from the description, and two folders", async () => {
  const cwd = folderWith({
    "portico.yaml": `edge: app
stickyKey: ${KEY}
stats: false
sites: [{ host: www.example.com, routes: [{ to: web }] }]
backends: { web: { servers: ["10.0.0.7:8080", "10.0.0.8:8080"], sticky: { cookie: srv, secure: false } } }
`,
  });
  await shown(cwd, "render");
  await shown(cwd, "render", "-o", "before");
  const file = join(cwd, "out/kubernetes/secret.yaml");
  const other = Buffer.from("raw-pass-1").toString("base64");
  writeFileSync(file, readFileSync(file, "utf8").replace(/sticky-key: .*/, `sticky-key: ${other}`));
  const kept = await shown(cwd, "check", "portico.yaml", "--layers", "out");
  expect(kept.replace(/\s+/g, " ")).toContain("has another value at `sticky-key: ***`");
  const between = await shown(cwd, "diff", "before", "out");
  expect(between).toContain("Routing does not change");
  expect(between).toContain("sticky-key: ***");
  for (const text of [kept, between])
    for (const secret of [other, "raw-pass-1", KEY, Buffer.from(KEY).toString("base64")])
      expect(text).not.toContain(secret);
});

test("--fix writes a missing key, a new one each time, and the result passes", async () => {
  const keys = await Promise.all(
    [0, 1].map(async () => {
      const cwd = folderWith({ "portico.yaml": description("t").replace(/^stickyKey: .*\n/m, "") });
      const first = await portico(["check"], { cwd });
      expect([first.status, first.stdout.includes("sticky-without-key")]).toEqual([2, true]);
      const { stdout, stderr } = await portico(["check", "--fix"], { cwd });
      expect(stderr).toContain("fixed  portico.yaml:1  adds a new random `stickyKey`  (sticky-without-key)");
      expect(stdout).not.toContain("sticky-without-key");
      const [, key = ""] =
        /^stickyKey: "([A-Za-z0-9+/]{56})"\nedge: app$/m.exec(
          readFileSync(join(cwd, "portico.yaml"), "utf8"),
        ) ?? [];
      return key;
    }),
  );
  expect(new Set(keys).size).toBe(2);
  expect(keys).not.toContain("");
});

test("a finding about a wrong password, key or credential does not contain it", async () => {
  const cwd = folderWith({
    "portico.yaml": `edge: app
stickyKey: short-secret-1
stats: { user: { name: ops, password: 123456789 } }
sites:
  - host: www.example.com
    routes:
      - { to: web, header: { x-api-key: { regex: "secret-2(" } } }
      - to: web
        header:
          authorization:
            regex: secret-3(
backends: { web: { servers: ["10.0.0.7:8080"] } }
expect:
  - { get: "http://www.example.com/", status: 200 }
`,
  });
  for (const format of ["text", "json"]) {
    const { stdout, stderr } = await portico(["check", "--format", format], { cwd });
    const text = stdout + stderr;
    for (const field of ["stickyKey", "password", "x-api-key", "authorization"])
      expect(text).toContain(field);
    expect(text).not.toMatch(/secret-\d|123456789/);
  }
});
