// Rules, conditions, ACLs and variables of a haproxy.cfg without effect: the findings, and similar lines that have an effect.
import { describe, expect, test } from "vitest";
import { checkLayers } from "../../../src/check/layers/check-layers.ts";
import { readWiring } from "../../../src/wiring/read-wiring.ts";

const BACKENDS = `backend app
  server a 10.0.0.7:80 check
backend api
  server a 10.0.0.8:80 check
`;

function web(...lines: readonly string[]): string {
  return section(["  bind :80", ...lines.map((line) => `  ${line}`), "  default_backend app"]);
}

function section(lines: readonly string[]): string {
  return ["defaults", "  mode http", "frontend web", ...lines, "", BACKENDS].join("\n");
}

const CODES = [
  "unreachable-rule",
  "impossible-condition",
  "condition-always-true",
  "condition-never-met-here",
  "unused-acl",
  "unused-variable",
] as const;

async function found(text: string) {
  const findings = checkLayers(await readWiring([{ file: "haproxy.cfg", text }]));
  const codes: readonly string[] = CODES;
  return findings.filter(({ code }) => codes.includes(code));
}

async function told(text: string): Promise<readonly string[]> {
  return (await found(text)).map(
    ({ code, at: [first] }) => `${code} ${text.split("\n")[(first?.line ?? 0) - 1]?.trim()}`,
  );
}

const API = "use_backend api if { path_beg /api }";
const HOSTS = [
  "acl shop hdr(host),host_only -i shop.example.com",
  "acl www hdr(host),host_only -i www.example.com",
];

describe("unreachable rules", () => {
  test.each([
    ["a shorter prefix before a longer one", [API, "use_backend app if { path_beg /api/v1 }"]],
    ["a redirect written behind it", [API, "http-request redirect location /new if { path_beg /a }"], API],
    ["the statement `redirect` behind it", [API, "redirect location /new if { path_beg /a }"], API],
    [
      "two rules together",
      ["http-request deny if { method GET }", "http-request deny if !{ method GET }", API],
    ],
    [
      "a larger network",
      ["http-request deny if { src 10.0.0.0/8 }", "http-request return status 410 if { src 10.1.2.0/24 }"],
    ],
    ["the same in any case", ["use_backend app if { path -i /a }", "use_backend api if { path /A }"]],
    ["an expression", ["use_backend app if { path_reg ^/a }", "use_backend api if { path_beg /ab }"]],
    ["after allow", ["http-request allow if { path_beg /a }", "http-request deny if { path /ab }"]],
    [
      "tcp-request before http-request",
      ["http-request deny if { src 10.1.0.0/16 }", "tcp-request connection reject if { src 10.0.0.0/8 }"],
      "http-request deny if { src 10.1.0.0/16 }",
    ],
  ])("found: %s", async (_, lines, dead = lines.at(-1)) => {
    expect(await told(web(...lines))).toEqual([`unreachable-rule ${dead}`]);
  });

  test("a rule that ends every request has one finding for all behind it", async () => {
    const [one, ...others] = await found(
      web(API, "use_backend api if { path /b }", "http-request redirect scheme https"),
    );
    expect(others).toEqual([]);
    expect(one?.what).toBe(`no request reaches \`${API}\`, nor 1 rule after it`);
    expect(one?.why).toContain(
      "HAProxy runs `http-request` before `use_backend`, whatever their order in the file.",
    );
  });

  test("a rule of a backend for requests that do not get there", async () => {
    const text = web(API).replace("backend api\n", "backend api\n  http-request deny if { path /b }\n");
    expect(await told(text)).toEqual(["unreachable-rule http-request deny if { path /b }"]);
    const twice = text.replace(
      "frontend web",
      "frontend other\n  bind :81\n  default_backend api\nfrontend web",
    );
    expect(await told(twice)).toEqual([]);
  });

  test.each([
    ["a longer prefix first", ["use_backend app if { path_beg /api/v1 }", API]],
    ["another case", ["use_backend app if { path /a }", "use_backend api if { path -i /a }"]],
    ["several values of a header", ["http-request deny if { hdr(x-a) a } { hdr(x-a) b } { hdr(x-a) c }"]],
    ["a value with a comma", ["http-request deny if { req.fhdr(x-a) -m str a,b } !{ hdr(x-a) -m sub , }"]],
    ["a parameter twice", ["http-request deny if { url_param(a) 1 } { url_param(a) 2 }"]],
    ["bytes beyond ASCII", ["http-request deny if { hdr_reg(x-a) [^\\x20-\\x7e] }"]],
    ["a dot at the end of the Host", ["http-request deny if { hdr(host) example.com. }"]],
    ["OPTIONS *", ["use_backend api if { path_beg / }"]],
    ["counters", ["use_backend api if { be_conn(app) gt 5 }", "use_backend app if { be_conn(app) gt 5 }"]],
    [
      "a file that is missing",
      ["use_backend api if { path -f /etc/a.lst }", "use_backend app if { path -f /etc/a.lst }"],
    ],
    ["an expression that is not followed", ["http-request deny if { path_reg ^/(a)\\1 }", API]],
    [
      "the path is rewritten",
      [
        "http-request deny if { path /a }",
        "http-request set-path /a if { path /b }",
        "http-request deny deny_status 404 if { path /a }",
      ],
    ],
    [
      "the path is normalized",
      [
        "http-request set-var(txn.double) bool(true) if { path_sub // }",
        "http-request normalize-uri path-merge-slashes",
        "http-request deny if { path_beg /a } { var(txn.double) -m found }",
      ],
    ],
    [
      "a variable of the session",
      ["http-request deny if { var(sess.a) -m found }", "http-request set-var(sess.a) str(1)"],
    ],
    ["a switch", ["use_backend api if FALSE"]],
    [
      "after set-src",
      [
        "http-request set-src hdr(x-client)",
        "http-request deny if { src 10.0.0.0/8 } !{ hdr(x-client) -m found }",
      ],
    ],
  ])("correct: %s", async (_, lines) => {
    expect(await told(web(...lines))).toEqual([]);
  });

  test("what Lua may have changed is not examined", async () => {
    const text = web("http-request lua.auth", "http-request deny unless { var(txn.ok) -m bool }", API);
    expect(await told(`global\n  lua-load /etc/auth.lua\n${text}`)).toEqual([]);
  });

  test("without TLS nothing is known before it", async () => {
    const text = web("tcp-request connection reject if !{ ssl_fc }").replace(
      "bind :80",
      "bind :443 ssl crt a.pem",
    );
    expect(await told(text)).toEqual([]);
  });
});

test.each([
  ["two hosts", ["use_backend api if shop www"], "use_backend api if shop www"],
  ["two paths in an alternative", ["use_backend api if { path /a } { path /b } or shop or www"], undefined],
  [
    "a variable that nothing sets",
    ["http-request deny if { var(txn.a) -m found }", "use_backend api if shop or www"],
    undefined,
  ],
  [
    "the handshake in mode http",
    ["http-request deny if { req.ssl_sni a }", "use_backend api if shop or www"],
    undefined,
  ],
])("impossible conditions: %s", async (_, lines, line = lines[0]) => {
  expect(await told(web(...HOSTS, ...lines))).toEqual([`impossible-condition ${line}`]);
});

test.each([
  ["one of two hosts", ["http-request deny if !shop or !www", API]],
  ["unless", ["http-request deny unless shop www", API]],
])("conditions that always hold: %s", async (_, [line = "", ...others]) => {
  const codes = await told(web(...HOSTS, line, ...others));
  expect(codes).toContain(`condition-always-true ${line}`);
  expect(codes.filter((one) => one.startsWith("unreachable-rule"))).toEqual([]);
});

test("conditions that the binds decide", async () => {
  const line = "http-request set-header X-Scheme https if { ssl_fc }";
  expect(await told(web(line))).toEqual([`condition-never-met-here ${line}`]);
  expect(await told(web("redirect scheme https if !{ ssl_fc }"))).toEqual([]);
});

test("ACLs and variables that nothing names", async () => {
  expect(await told(web(...HOSTS, "use_backend api if shop"))).toEqual([`unused-acl ${HOSTS[1]}`]);
  expect(await told(web("http-request set-var(txn.a) path"))).toEqual([
    "unused-variable http-request set-var(txn.a) path",
  ]);
  expect(
    await told(web("http-request set-var(txn.a) path", "http-request set-header X-A %[var(txn.a)]")),
  ).toEqual([]);
});
