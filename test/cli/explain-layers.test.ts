// portico explain with a haproxy.cfg or layers: the path, HAProxy's log of each stream, and its answer.
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { findAllHaproxies } from "../haproxy/all-haproxies.ts";
import { folderWith, portico } from "./portico.ts";

const CONFIG = `global
  log /dev/log local0

defaults
  mode http
  log global
  option httplog
  option dontlog-normal
  timeout connect 2s
  timeout client 30s
  timeout server 30s

frontend web
  bind *:80
  bind *:443 ssl crt /etc/haproxy/certs/
  log-format "%ci %ST"
  http-request redirect scheme https unless { ssl_fc }
  http-request deny if { path_beg /admin } !{ src 198.51.100.0/24 }
  use_backend loop if { hdr(host) -i loop.example.com }
  default_backend app

listen inner
  bind unix@/run/haproxy/inner.sock accept-proxy
  http-response set-header X-Inner yes
  server app2 10.0.0.8:8080

listen passthrough
  bind *:5432
  mode tcp
  server database 10.0.0.9:5432

listen empty
  bind *:5433
  mode tcp

listen stats
  bind 127.0.0.1:9000
  stats enable
  stats uri /

backend app
  server app1 10.0.0.7:8080

backend loop
  server inner unix@/run/haproxy/inner.sock send-proxy-v2
`;

const explain = (cwd: string, ...args: readonly string[]) => portico(["explain", "GET", ...args], { cwd });

describe.each(await findAllHaproxies())("HAProxy $version", ({ path, version }) => {
  const cwd = folderWith({ "haproxy.cfg": CONFIG });
  const run = (...args: readonly string[]) => explain(cwd, ...args, "--haproxy", path);

  test("a server's answer", async () => {
    const { status, stdout, stderr } = await run("https://app.example.com/a?b=1", "haproxy.cfg");
    expect(stderr).toBe("");
    expect(stdout).toContain("GET https://app.example.com/a?b=1    from 203.0.113.7\n");
    expect(stdout).toContain("  path            frontend web, bind *:443 ssl\n");
    expect(stdout).toContain("  log             frontend web → backend app → server app1\n");
    expect(stdout).toContain("  received        GET /a?b=1   host app.example.com");
    expect(stdout).toContain(`  HAProxy ${version}: 200 from app\n`);
    expect(status).toBe(0);
  });

  test("HAProxy's own answers: a refusal, a redirect, the stats page", async () => {
    const denied = await run("https://app.example.com/admin", "haproxy.cfg");
    expect(denied.stdout).toContain("  log             frontend web   HAProxy refused the request (PR)\n");
    expect(denied.stdout).toContain("  response        403");
    const allowed = await run("https://app.example.com/admin", "haproxy.cfg", "--from", "198.51.100.1");
    expect(allowed.stdout).toContain("200 from app");
    const redirected = await run("http://app.example.com/", "haproxy.cfg");
    expect(redirected.stdout).toContain("HAProxy answered the request itself (LR)");
    expect(redirected.stdout).toContain("  response        302 → https://app.example.com/");
    const empty = await run("http://x:5433/", "haproxy.cfg");
    expect(empty.stdout).toContain("  the rules say   connection closed\n");
    expect(empty.stdout).toContain("no server is available (SC)");
    expect(empty.status).toBe(0);
    const stats = await run("http://x/", "haproxy.cfg", "--through", "stats");
    expect(stats.stdout).toContain("frontend stats → backend stats → HAProxy's own <STATS>");
  });

  test("two frontends in a row, and `mode tcp`", async () => {
    const loop = await run("https://loop.example.com/", "haproxy.cfg", "--json");
    expect(JSON.parse(loop.stdout)).toMatchObject({
      file: "haproxy.cfg",
      frontend: "web",
      backend: "inner",
      headers: { "x-inner": "yes" },
      haproxy: { version },
    });
    const { streams } = JSON.parse(loop.stdout) as { streams: readonly { readonly frontend: string }[] };
    expect(streams.toSorted((a, b) => (a.frontend < b.frontend ? -1 : 1))).toEqual([
      { frontend: "inner", backend: "inner", server: "app2", ended: expect.stringMatching(/^..$/) },
      { frontend: "web", backend: "loop", server: "inner", ended: "--" },
    ]);
    const tcp = await run("http://x:5432/", "haproxy.cfg");
    expect(tcp.stdout).toContain("frontend passthrough → backend passthrough → server database");
  });
});

test("layers: the path through the load balancer", async () => {
  const layers = fileURLToPath(new URL("../../examples/hand-written", import.meta.url));
  const { status, stdout } = await explain(layers, "https://track.example.com/ping", "--layers", ".");
  expect(stdout).toMatch(
    / {2}path {12}load balancer 443 tls, PROXY v1 → node port 30143 → pod port 10443 →\s+bind/,
  );
  expect(stdout).toMatch(/ {2}log {13}frontend \S+/);
  expect(status).toBe(0);
  const inside = await explain(layers, "http://nowhere/", "--layers", ".", "--through", "wrong");
  expect(inside).toMatchObject({ status: 2, stderr: expect.stringContaining("there is no entrance wrong") });
});

describe("a request that cannot be sent", () => {
  const cwd = folderWith({
    "haproxy.cfg": CONFIG,
    "refused.cfg": CONFIG.replace("default_backend app", "default_backend ap"),
    "empty.cfg": "",
  });

  test.each([
    [
      ["http://x:99/", "haproxy.cfg"],
      "no bind has the port 99; write `--through FRONTEND`: web, inner, passthrough, empty, stats.",
    ],
    [["http://x/", "haproxy.cfg", "--through", "internal"], "no layer has a Service"],
    [["http://x/", "haproxy.cfg", "--through", "webb"], "there is no entrance webb"],
    [["http://x/", "empty.cfg"], "empty.cfg is empty"],
    [["http://x/", "refused.cfg"], "refused.cfg:20:3"],
    [["http://x/", "--layers", "missing"], "missing"],
  ])("%j", async (args, says) => {
    expect(await explain(cwd, ...args)).toMatchObject({ status: 2, stderr: expect.stringContaining(says) });
  });

  test("a description has no frontends", async () => {
    const { status, stderr } = await explain(cwd, "http://x/", "--through", "web");
    expect(stderr).toContain("`--through` is one of public, internal, untrusted, pod");
    expect(status).toBe(2);
  });
});

describe("the rules one by one", () => {
  const RULES = `global
  lua-load /etc/haproxy/check.lua

${CONFIG.slice(CONFIG.indexOf("defaults"), CONFIG.indexOf("frontend web"))}
frontend web
  bind *:80
  tcp-request connection reject if { src 192.0.2.0/24 }
  acl office src 198.51.100.0/24
  acl office src 2001:db8::/32
  acl api path_beg /api/
  http-request set-var(txn.kind) str(api) if api
  http-request deny deny_status 429 if { sc_http_req_rate(0) gt 100 }
  http-request deny if { path /admin } !office || { path /internal }
  use_backend %[req.hdr(x-to)] if { req.hdr(x-to) -m found }
  use_backend api if { var(txn.kind) -m str api }
  default_backend app

backend app
  http-request redirect location /home if { path / }
  server app1 10.0.0.7:8080

backend api
  http-request set-header X-Api yes unless { method GET }
  server api1 10.0.0.8:8080
`;
  const cwd = folderWith({
    "rules.cfg": RULES.replace("global\n  lua-load /etc/haproxy/check.lua\n", ""),
    "lua.cfg": RULES.replace("  default_backend app", "  http-request lua.check\n  default_backend app"),
  });
  const rulesFor = async (url: string, ...args: readonly string[]) => {
    const { stdout, status } = await explain(cwd, url, "rules.cfg", "--json", ...args);
    const told = JSON.parse(stdout) as {
      rules: readonly {
        text: string;
        state: string;
        section: string;
        because: readonly { text: string }[];
      }[];
      decided: string | null;
    };
    return {
      status,
      decided: told.decided,
      rules: told.rules.map(({ text, state, because }) => [
        state,
        text.replace(/^((?:\S+ ){0,2}\S+).*/, "$1"),
        ...because.map((one) => one.text),
      ]),
    };
  };

  test("what does not match, and the ACL that decides it", async () => {
    expect(await rulesFor("http://a/x")).toEqual({
      status: 0,
      decided: null,
      rules: [
        ["not-matched", "tcp-request connection reject", "{ src 192.0.2.0/24 } does not hold"],
        ["not-matched", "http-request set-var(txn.kind) str(api)", "api does not hold"],
        [
          "unknown",
          "http-request deny deny_status",
          expect.stringContaining("depends on { sc_http_req_rate(0) gt 100 }"),
        ],
        [
          "not-matched",
          "http-request deny if",
          "{ path /admin } does not hold",
          "{ path /internal } does not hold",
        ],
        ["not-matched", "use_backend %[req.hdr(x-to)] if", "{ req.hdr(x-to) -m found } does not hold"],
        ["not-matched", "use_backend api if", "{ var(txn.kind) -m str api } does not hold"],
        ["matched", "default_backend app"],
        ["not-matched", "http-request redirect location", "{ path / } does not hold"],
      ],
    });
  });

  test("named ACLs, variables, and the rules of the backend", async () => {
    const denied = await rulesFor("http://a/admin");
    expect(denied.rules).toContainEqual(["matched", "http-request deny if"]);
    expect(denied.rules.at(-1)?.[0]).toBe("not-reached");
    const office = await rulesFor("http://a/admin", "--from", "198.51.100.3");
    expect(office.rules).toContainEqual([
      "not-matched",
      "http-request deny if",
      "!office does not hold",
      "{ path /internal } does not hold",
    ]);
    const api = await rulesFor("http://a/api/x", "-H", "x-none: 1");
    expect(api.rules).toContainEqual(["matched", "http-request set-var(txn.kind) str(api)"]);
    expect(api.rules).toContainEqual(["matched", "use_backend api if"]);
    expect(api.rules.at(-1)).toEqual([
      "not-matched",
      "http-request set-header X-Api",
      "{ method GET } holds",
    ]);
    const home = await rulesFor("http://a/");
    expect(home.rules.at(-1)).toEqual(["matched", "http-request redirect location"]);
  });

  test("in text: the lines of an ACL, and what is not followed", async () => {
    const { stdout } = await explain(cwd, "http://a/admin", "lua.cfg", "--from", "198.51.100.3");
    expect(stdout).toMatch(
      / {2}· no match {6}http-request deny if \{ path \/admin \} !office \|\| \{ path \/internal \}/,
    );
    expect(stdout).toMatch(/!office does not hold\n +acl office src 198\.51\.100\.0\/24 +lua\.cfg:17/);
    expect(stdout).toMatch(/ {2}\? not known {5}http-request deny deny_status 429/);
    expect(stdout).toContain("  the rules say   unknown: it depends on what is not followed\n");
    expect(stdout).toContain("not run: lua.cfg:2 `lua-load`");
  });

  test("a header with two lines is not known", async () => {
    const { rules } = await rulesFor("http://a/x", "-H", "x-to: app", "-H", "x-to: api");
    expect(rules).toContainEqual([
      "unknown",
      "use_backend %[req.hdr(x-to)] if",
      expect.stringContaining("header:x-to of this request"),
    ]);
  });
});
