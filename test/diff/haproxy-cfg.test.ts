// diff of two haproxy.cfg finds every change of what requests get, with its line; HAProxy confirms it, and equal rewrites are proven equal.
import { describe, expect, test } from "vitest";
import { diffLayers } from "../../src/diff/diff-layers.ts";
import { probeText } from "../../src/diff/probe.ts";
import { readWiring } from "../../src/wiring/read-wiring.ts";
import { findAllHaproxies } from "../haproxy/all-haproxies.ts";

const haproxies = await findAllHaproxies();
const [haproxy] = haproxies;
if (haproxy === undefined) throw new Error("no HAProxy");

const HEAD = `defaults
  mode http
  timeout client 5s
  timeout server 5s
  timeout connect 1s
`;

/** A configuration with one frontend, whose lines are in the order of the phases. */
function config(rules: readonly string[], backends: readonly string[] = [], head = HEAD): string {
  const names = ["web", "api", "next"];
  return [
    `${head}frontend shop`,
    "  bind :8080",
    ...rules.map((rule) => `  ${rule}`),
    "  default_backend web",
    ...names.flatMap((name, index) => [
      `backend ${name}`,
      ...(name === "api" ? backends.map((line) => `  ${line}`) : []),
      `  server s 10.0.0.${index + 1}:80`,
    ]),
    "",
  ].join("\n");
}

async function diffOf(
  before: Readonly<Record<string, string>>,
  after: Readonly<Record<string, string>>,
  one = haproxy,
) {
  const read = (files: Readonly<Record<string, string>>) =>
    readWiring(Object.entries(files).map(([file, text]) => ({ file, text })));
  if (one === undefined) throw new Error("no HAProxy");
  return diffLayers(await read(before), await read(after), one);
}

/** Lines before and after, and a request whose outcome differs. */
const CHANGES: readonly (readonly [what: string, before: string, after: string, request: RegExp])[] = [
  ["a network grows", "acl n1 src 198.51.100.0/24", "acl n1 src 198.51.0.0/16", /\/c01 .*from 198\.51\./],
  [
    "an expression gains an alternative",
    "http-request deny if { path_reg ^/c02(a|b)$ }",
    "http-request deny if { path_reg ^/c02(a|b|longer)$ }",
    /\/c02longer/,
  ],
  [
    "an expression in any case",
    "acl n3 path_reg ^/c03x$",
    "acl n3 path_reg -i ^/c03x$",
    /\/C03X|\/[cC]03[xX]/,
  ],
  ["a rule refuses POST", "# none", "http-request deny if { path /c04 } METH_POST", /POST .*\/c04/],
  [
    "a limit of the body",
    "http-request deny deny_status 413 if { path /c05 } { req.body_size gt 2000 }",
    "http-request deny deny_status 413 if { path /c05 } { req.body_size gt 1000 }",
    /\/c05 .* bytes/,
  ],
  [
    "an ACL that is negated",
    "http-request deny if { path /c06 } n6",
    "http-request deny if { path /c06 } !n6",
    /\/c06/,
  ],
  [
    "or instead of and",
    "http-request deny if { path /c07 } n6",
    "http-request deny if { path /c07 } || { path /c07b }",
    /\/c07/,
  ],
  [
    "another status",
    "http-request deny if { path /c08 }",
    "http-request deny deny_status 429 if { path /c08 }",
    /\/c08/,
  ],
  [
    "another target of a redirect",
    "http-request redirect location /a if { path /c09 }",
    "http-request redirect location /b if { path /c09 }",
    /\/c09/,
  ],
  [
    "another code of a redirect",
    "http-request redirect location /a if { path /c10 }",
    "http-request redirect location /a code 301 if { path /c10 }",
    /\/c10/,
  ],
  [
    "a header",
    "http-request set-header x-a 1 if { path /c11 }",
    "http-request set-header x-a 2 if { path /c11 }",
    /\/c11/,
  ],
  ["a removed header", "# none", "http-request del-header x-b if { path /c12 }", /\/c12/],
  [
    "a rewritten path",
    "http-request set-path /in if { path /c13 }",
    "http-request set-path /inner if { path /c13 }",
    /\/c13/,
  ],
  [
    "a variable",
    "http-request set-var(txn.v) str(a) if { path /c14 }",
    "http-request set-var(txn.v) str(b) if { path /c14 }",
    /\/c14/,
  ],
  ["a prefix", "use_backend next if { path_beg /c15 }", "use_backend next if { path /c15 }", /\/c15./],
  [
    "a header's value",
    "use_backend next if { path /c16 } { req.hdr(x-v) 1 }",
    "use_backend next if { path /c16 } { req.hdr(x-v) 1 2 }",
    /\/c16 .*x-v: 2/,
  ],
  [
    "a cookie",
    "use_backend next if { path /c17 } { req.cook(c) 1 }",
    "use_backend next if { path /c17 } { req.cook(c) 2 }",
    /\/c17 .*cookie: c=/,
  ],
  [
    "a parameter",
    "use_backend next if { path /c18 } { url_param(p) 1 }",
    "use_backend next if { path /c18 } { url_param(p) 2 }",
    /\/c18\?p=/,
  ],
  [
    "a host",
    "use_backend next if { path /c19 } { hdr(host) -i a.test }",
    "use_backend next if { path /c19 } { hdr(host) -i b.test }",
    /[ab]\.test.*\/c19/,
  ],
  ["a backend", "use_backend next if { path /c20 }", "use_backend api if { path /c20 }", /\/c20/],
  [
    "a method",
    "use_backend next if { path /c21 } { method PUT }",
    "use_backend next if { path /c21 } { method PUT PATCH }",
    /PATCH .*\/c21/,
  ],
  ["a monitor", "monitor-uri /c22", "monitor-uri /c22b", /\/c22/],
];
const N6 = "acl n6 req.hdr(x-six) 1";
const USERS = [
  "http-request deny if { path /c01 } !n1",
  "http-request deny if n3",
  "http-request deny if { var(txn.v) -m str a }",
  "use_backend api if { path,map(/etc/names.map) yes }",
];

const BEFORE = {
  "haproxy.cfg": config([N6, ...CHANGES.map(([, line]) => line), ...USERS]),
  "names.map": "/m01 yes\n",
};
const AFTER = {
  "haproxy.cfg": config([N6, ...CHANGES.map(([, , line]) => line), ...USERS]),
  "names.map": "/m01 yes\n/m02 yes\n",
};

describe.each(haproxies)("HAProxy $version", (one) => {
  test("every kind of change is found with its line, and confirmed", async () => {
    const { changed, disagreements, refused } = await diffOf(BEFORE, AFTER, one);
    expect(refused).toEqual({});
    expect(disagreements).toEqual([]);
    const rows = changed.map(({ sent, confirmed, because }) => ({
      request: sent && confirmed ? probeText(sent.probe) : "",
      line: because?.at,
    }));
    const lines = AFTER["haproxy.cfg"].split("\n");
    const missing = CHANGES.filter(([, before, after, request]) => {
      const place = lines.indexOf(`  ${after.startsWith("#") ? before : after}`) + 1;
      return !rows.some((row) => request.test(row.request) && row.line?.line === place);
    });
    expect(missing.map(([what]) => what)).toEqual([]);
    expect(rows).toContainEqual(
      expect.objectContaining({
        request: expect.stringMatching(/\/m02/),
        line: expect.objectContaining({ file: "names.map" }),
      }),
    );
  });
});

const WRITTEN = config(
  [
    "acl office src 198.51.100.0/24",
    "acl api path_beg /api",
    "http-request deny if { path /admin } !office",
    "http-request deny if { path /a } || { path /b }",
    "http-request deny if { path_reg ^/x(a|b)$ }",
    "http-request set-header x-a 1 if api",
    "http-request set-header x-b 2 if api",
    "use_backend api if api",
    "use_backend next if { path /next }",
  ],
  ["http-request deny if { path /api/secret }"],
);
const REWRITTEN = config(
  [
    "acl staff src 198.51.100.0/25 198.51.100.128/25",
    "http-request deny if { path /b }",
    "http-request deny if { path /a }",
    "http-request deny if { path_reg ^/x[ab]$ }",
    "http-request deny if { path -m str /admin } !staff",
    "http-request set-header x-b 2 if { path_beg /api }",
    "http-request set-header x-a 1 if { path_beg /api }",
    "use_backend next if { path /next }",
    "use_backend next if { path /next } METH_POST",
    "use_backend api if { path -m beg /api }",
  ],
  ["http-request deny if { path /api/secret }"],
);

test("equal rewrites are proven equal", async () => {
  const compared = await diffOf({ "haproxy.cfg": WRITTEN }, { "haproxy.cfg": REWRITTEN });
  const { changed, undecided, proven, except, otherChanges } = compared;
  expect({ changed, undecided, except, proven, otherChanges }).toEqual({
    changed: [],
    undecided: [],
    except: [],
    proven: true,
    otherChanges: [],
  });
});

test("a use_backend that no request reaches changes nothing", async () => {
  const dead = config(["redirect scheme https", "use_backend api if { path /x }"]);
  const { changed, proven } = await diffOf(
    { "haproxy.cfg": dead },
    { "haproxy.cfg": config(["redirect scheme https"]) },
  );
  expect({ changed, proven }).toEqual({ changed: [], proven: true });
});

test("what depends on a counter is told apart", async () => {
  const limited = (limit: number) =>
    config([
      "stick-table type ip size 1k store http_req_rate(10s)",
      "http-request track-sc0 src",
      `http-request deny if { sc_http_req_rate(0) gt ${limit} }`,
    ]);
  const { changed, undecided, proven } = await diffOf(
    { "haproxy.cfg": limited(10) },
    { "haproxy.cfg": limited(20) },
  );
  expect({ changed, proven }).toEqual({ changed: [], proven: false });
  expect(undecided.flatMap(({ dependsOn }) => dependsOn).join()).toMatch(/sc_http_req_rate\(0\) gt 20/);
});

test.each([
  ["a timeout", "timeout client 9s"],
  ["a limit", "maxconn 10"],
  ["a level of the log", "http-request set-log-level silent"],
])("is no part of the proof, and listed: %s", async (_, line) => {
  const { changed, proven, otherChanges } = await diffOf(
    { "haproxy.cfg": config([]) },
    { "haproxy.cfg": config([line]) },
  );
  expect({ changed, proven }).toEqual({ changed: [], proven: true });
  expect(otherChanges).toEqual([`haproxy.cfg:8 (new) \`${line}\``]);
});

test("an ACL that only a line without evaluation uses is listed", async () => {
  const logged = (path: string) => config([`acl n path ${path}`, "http-request set-log-level silent if n"]);
  const { proven, otherChanges } = await diffOf(
    { "haproxy.cfg": logged("/a") },
    { "haproxy.cfg": logged("/b") },
  );
  expect(proven).toBe(true);
  expect(otherChanges).toEqual(["haproxy.cfg:8 (changed) `acl n path /b`"]);
});

test("a rule that decides which requests are counted is listed", async () => {
  const rules = ["http-request track-sc0 src table next", "http-request deny if { path /x }"];
  const counted = (lines: readonly string[]) =>
    `${config(lines)}  stick-table type ip size 1k store http_req_rate(10s)\n`;
  const { changed, proven, otherChanges } = await diffOf(
    { "haproxy.cfg": counted(rules) },
    { "haproxy.cfg": counted(rules.toReversed()) },
  );
  expect({ changed, proven }).toEqual({ changed: [], proven: true });
  expect(otherChanges.join()).toMatch(/`http-request (?:deny|track-sc0)/);
});

test("a side that HAProxy refuses: the comparison without requests", async () => {
  const bad = config(["bogus", "http-request deny if { path /x }"]);
  const { changed, refused } = await diffOf({ "haproxy.cfg": config([]) }, { "haproxy.cfg": bad });
  expect(Object.keys(refused)).toEqual(["after"]);
  expect(changed).toMatchObject([{ requests: "/x", after: "403", confirmed: false, sent: undefined }]);
});
