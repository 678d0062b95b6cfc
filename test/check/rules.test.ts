// The list of rules, and false positives: descriptions that resemble a fault and get no finding.
import { readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { checkDescription } from "../../src/check/check-description.ts";
import { checkPlan, PLAN_RULES } from "../../src/check/check-plan.ts";
import type { Finding } from "../../src/findings/finding.ts";
import { described, findingsOf, withRoutes } from "./described.ts";

const folder = fileURLToPath(new URL("../../src/check/plan-rules/", import.meta.url));

const TLS =
  "public:\n  loadBalancer: { kind: aws-classic-elb, sources: [10.0.0.0/16] }\n  tls: { terminatedAt: loadBalancer }";

/** The original edge without its faults. */
const CLASSIC_ELB = `edge: app
namespace: web
public:
  loadBalancer: { kind: aws-classic-elb, sources: [10.0.0.0/16] }
  tls: { terminatedAt: loadBalancer, certificate: "arn:aws:acm:us-east-1:111122223333:certificate/abc" }
  plainHttp: redirect
  allow: [0.0.0.0/0]
internal:
  hosts: [haproxy-service]
sites:
  - host: app.example.com
    hsts: { maxAge: 180d, includeSubDomains: true }
    routes:
      - { path: /api, header: { x-beta: "1" }, to: api-beta }
      - { path: /api, to: api }
      - { to: app }
  - host: "*"
    redirect: { to: https://www.example.com/, status: 301 }
backends:
  app: { service: app, port: 9000, health: { path: /health, host: app.example.com } }
  api: { service: api.backend, port: 8080, timeouts: { connect: 250ms, server: 30s } }
  api-beta: { service: api-beta.backend, port: 8080 }
kubernetes: { replicas: 3, nodePorts: { http: 31000, https: 31001 } }
`;

test("every file of the folder is in the list, under its own name, once", () => {
  const files = readdirSync(folder)
    .filter((file) => file !== "index.ts")
    .map((file) => file.replace(/\.ts$/, ""));
  expect(PLAN_RULES.map(({ code }) => code).sort()).toEqual(files.sort());
});

test("a good description gets no finding", async () => {
  expect(await findingsOf(CLASSIC_ELB)).toEqual([]);
});

test("rules about a plan need only the plan; findings then have no place where the plan has none", async () => {
  const { plan, description } = await described(
    `${CLASSIC_ELB}logs: { format: off }\nimage: { logs: rsyslog }\n`,
  );
  expect(checkPlan(plan).map(({ code, at }) => [code, at])).toEqual([["setting-without-effect", []]]);
  expect(checkPlan(plan, description).map(({ at }) => at[0]?.line)).toEqual([25]);
});

test("findings come errors first, then in the order of the description, the same each time", async () => {
  const yaml = withRoutes(
    ["{ path: /b, redirect: { path: /b } }", "{ path: /a, to: shop }", "{ path: /a, to: next }"],
    "logs: { to: /dev/log }",
    "  - host: a.example.com\n    hsts: { maxAge: 1d }\n    routes: [{ to: shop }]",
  );
  const { plan, description } = await described(yaml);
  const findings = await checkDescription(plan, description);
  expect(findings.map(({ code, at }) => [code, at[0]?.line])).toEqual([
    ["redirect-loop", 6],
    ["indistinguishable-routes", 8],
    ["hsts-without-https", 11],
    ["log-socket-needs-daemon", 2],
  ]);
  expect(await checkDescription(plan, description)).toEqual(findings);
});

const NLB_PASSES_TCP =
  "public:\n  loadBalancer: { kind: aws-nlb, sources: [10.0.0.0/16] }\n  tls: { terminatedAt: haproxy, certificates: [{ secret: shop, hosts: [shop.example.com] }] }";

describe("does not report", () => {
  test.each<[string, string]>([
    [
      "a route that another covers only by path",
      withRoutes([
        "{ path: /a, method: GET, to: shop }",
        "{ path: /a, header: { x-a: b }, to: next }",
        "{ to: shop }",
      ]),
    ],
    [
      "a trusted header at an entrance that only the CDN may use, and a route that matches it",
      withRoutes(
        [
          "{ path: /a, header: { cf-connecting-ip: { present: true } }, to: shop }",
          "{ path: /a, respond: { status: 403 } }",
          "{ to: shop }",
        ],
        "public: { loadBalancer: { kind: aws-nlb, sources: [10.20.0.0/24] }, trustedHeaders: [CF-Connecting-IP], allow: [203.0.113.0/24] }",
      ),
    ],
    [
      "a backend's tunnel timeout, where one of the routes to it is for WebSockets",
      withRoutes(
        ["{ path: /ws, websocket: true, to: next }", "{ path: /next, to: next }", "{ to: shop }"],
        "public: { loadBalancer: { kind: aws-nlb, sources: [10.0.0.0/16] } }",
      ).replace("next: {", "next: { timeouts: { tunnel: 5m },"),
    ],
    [
      "two values of the same header",
      withRoutes(["{ header: { x-a: b }, to: shop }", "{ header: { x-a: c }, to: next }", "{ to: shop }"]),
    ],
    [
      "a regular expression that matches only a part of the prefix",
      withRoutes(['{ path: { regex: "^/a/[0-9]+$" }, to: next }', "{ path: /a, to: shop }"]),
    ],
    [
      "a regular expression with a condition",
      withRoutes(['{ path: { regex: "^/a" }, method: POST, to: next }', "{ path: /a, to: shop }"]),
    ],
    [
      "regular expressions with an inner anchor",
      withRoutes(['{ path: { regex: "^/a/" }, to: next }', "{ path: /a, to: shop }"]),
    ],
    [
      "a header that chooses between open backends",
      withRoutes(["{ path: /api, header: { accept-version: '2' }, to: next }", "{ path: /api, to: shop }"]),
    ],
    [
      "an Authorization that a backend verifies",
      withRoutes([
        "{ path: /api, header: { authorization: { present: true } }, to: shop }",
        "{ path: /api, respond: { status: 401 } }",
      ]),
    ],
    [
      "a header next to the same access list",
      withRoutes([
        "{ path: /api, header: { x-a: b }, allow: [10.1.0.0/16], to: next }",
        "{ path: /api, allow: [10.0.0.0/8], to: shop }",
      ]),
    ],
    [
      "a catch-all that redirects to an external host",
      withRoutes(
        ["{ to: shop }"],
        TLS,
        '  - host: "*.example.org"\n    redirect: { to: https://www.example.org/ }',
      ),
    ],
    [
      "redirects from host to host that end",
      withRoutes(
        ["{ to: shop }"],
        TLS,
        "  - host: a.example.com\n    redirect: { scheme: https, host: b.example.com }\n  - host: b.example.com\n    redirect: { scheme: https, host: shop.example.com }",
      ),
    ],
    [
      "a redirect to the path that another route serves",
      withRoutes(["{ path: /a, redirect: { path: /a/b } }", "{ path: /a/b, to: shop }"]),
    ],
    [
      "a redirect that asks for a query which its location lacks",
      withRoutes(["{ path: /a, query: { old: '1' }, redirect: { to: /a } }", "{ path: /a, to: shop }"]),
    ],
    [
      "HTTPS on another port",
      withRoutes(["{ path: /a, redirect: { scheme: https, port: 8443 } }", "{ to: shop }"], TLS),
    ],
    [
      "the idle timeout of a load balancer that nobody described",
      withRoutes(["{ to: shop, timeouts: { server: 2m } }"]),
    ],
    [
      "WebSockets behind an NLB with TCP listeners: keep-alive restarts its idle timer",
      withRoutes(["{ path: /ws, websocket: true, to: shop }", "{ to: shop }"], NLB_PASSES_TCP),
    ],
    [
      "access lists with described sources",
      withRoutes(
        ["{ path: /a, allow: [203.0.113.0/24], to: shop }", "{ to: shop }"],
        "public:\n  loadBalancer: { kind: aws-classic-elb, sources: [10.20.0.0/24] }",
      ),
    ],
    [
      "access lists with a NetworkPolicy that lists clients",
      withRoutes(
        ["{ path: /a, allow: [203.0.113.0/24], to: shop }", "{ to: shop }"],
        "public:\n  loadBalancer: { kind: aws-classic-elb, sources: [10.0.0.0/16] }\nkubernetes: { networkPolicy: { publicFrom: [10.20.0.0/24] } }",
      ),
    ],
    [
      "access lists where clients connect directly",
      withRoutes(
        ["{ path: /a, allow: [203.0.113.0/24], to: shop }", "{ to: shop }"],
        "public: { loadBalancer: none }",
      ),
    ],
    [
      "spellings of a path whose parent is restricted too",
      withRoutes(["{ path: /a, allow: [203.0.113.0/24], to: shop }"], "paths: as-is"),
    ],
    [
      "lists that overlap",
      withRoutes(
        ["{ path: /a, allow: [10.0.0.0/8], deny: [10.1.0.0/16], to: shop }"],
        "public: { allow: [10.2.0.0/16] }",
      ),
    ],
    [
      "many connections within the descriptor limit",
      withRoutes(["{ to: shop }"], "limits: { maxConnections: 500000 }"),
    ],
    [
      "a cookie of an in-cluster client",
      `${withRoutes(["{ to: stuck }"], "internal: {}\nstickyKey: { secret: edge, key: sticky }")}  stuck: { servers: ["10.0.0.1:80", "10.0.0.2:80"], sticky: { cookie: s } }\n`,
    ],
  ])("%s", async (_, yaml) => {
    expect((await findingsOf(yaml)).filter(isNoNote)).toEqual([]);
  });
});

describe("also reports", () => {
  test.each<[string, string, readonly string[]]>([
    [
      "nothing about access lists on an entrance that only redirects, and that its log has no client addresses",
      withRoutes(
        ["{ path: /a, allow: [203.0.113.0/24], to: shop }"],
        "public:\n  loadBalancer: { kind: aws-classic-elb, sources: [10.20.0.0/24], proxyProtocol: { http: none } }\n  tls: { terminatedAt: loadBalancer }",
      ),
      ["client-address-lost"],
    ],
    [
      "that a classic ELB closes a WebSocket within the default idle timeout",
      withRoutes(
        ["{ path: /ws, websocket: true, to: shop }", "{ to: shop }"],
        "public: { loadBalancer: { kind: aws-classic-elb, sources: [10.0.0.0/16] } }",
      ),
      ["timeout-outlasts-load-balancer"],
    ],
    [
      "that keep-alive does not help on an NLB's TLS listener",
      withRoutes(
        ["{ path: /ws, websocket: true, timeouts: { tunnel: 10m }, to: shop }", "{ to: shop }"],
        "public:\n  loadBalancer: { kind: aws-nlb, sources: [10.0.0.0/16] }\n  tls: { terminatedAt: loadBalancer }",
      ),
      ["timeout-outlasts-load-balancer"],
    ],
    [
      "that a route matches an Upgrade other than that of a WebSocket",
      withRoutes(["{ path: /a, header: { upgrade: h2c }, to: shop }", "{ to: shop }"]),
      ["header-never-matches", "websocket-not-upgraded"],
    ],
    [
      "that a route for handshakes matches another method",
      withRoutes([
        "{ path: /a, method: POST, header: { upgrade: websocket }, websocket: true, to: shop }",
        "{ to: shop }",
      ]),
      ["header-never-matches"],
    ],
    [
      "that a header of a CDN that is not trusted, or has another spelling, never arrives",
      withRoutes(
        ["{ path: /a, header: { cf_connecting_ip: { present: true } }, to: shop }", "{ to: shop }"],
        "public: { loadBalancer: none, trustedHeaders: [CF-Connecting-IP], allow: [203.0.113.0/24] }",
      ),
      ["header-never-matches"],
    ],
    [
      "that any client writes a trusted header",
      withRoutes(["{ to: shop }"], "public: { loadBalancer: none, trustedHeaders: [CF-Connecting-IP] }"),
      ["trusted-headers-from-any-source"],
    ],
    [
      "that a trusted header bypasses a restriction, if any client can send it",
      withRoutes(
        [
          "{ path: /a, respond: { status: 403 } }",
          "{ path: /a, header: { x-amzn-oidc-identity: { present: true } }, to: shop }",
          "{ to: shop }",
        ],
        "public: { loadBalancer: none, trustedHeaders: [X-Amzn-Oidc-Identity] }",
      ),
      ["trusted-headers-from-any-source", "forgeable-header-grants-access"],
    ],
    [
      "that a route that matches Sec-WebSocket-Protocol forwards no handshake",
      withRoutes(["{ path: /a, header: { sec-websocket-protocol: chat }, to: shop }", "{ to: shop }"]),
      ["websocket-not-upgraded"],
    ],
    [
      "that pods bypass the access list of the entrance",
      withRoutes(
        ["{ to: shop }"],
        "public: { loadBalancer: { kind: service, provider: hetzner }, allow: [203.0.113.0/24] }\nkubernetes: { networkPolicy: false }",
      ),
      ["client-address-from-pods"],
    ],
    [
      "that pods are not denied by a route",
      withRoutes(
        ["{ path: /a, deny: [203.0.113.0/24], to: shop }", "{ to: shop }"],
        "public: { loadBalancer: { kind: service, provider: hetzner } }",
      ),
      ["client-address-from-pods"],
    ],
    [
      "that a wider condition comes first",
      withRoutes([
        "{ header: { x-a: { present: true } }, to: shop }",
        "{ header: { x-a: b }, to: next }",
        "{ to: shop }",
      ]),
      ["unreachable-route"],
    ],
    [
      "that a regular expression on the same header includes the value",
      withRoutes([
        '{ header: { x-a: { regex: "^b" } }, to: shop }',
        "{ header: { x-a: bc }, to: next }",
        "{ to: shop }",
      ]),
      ["unreachable-route"],
    ],
    [
      "that all of a route's methods are covered",
      withRoutes(["{ method: [GET, POST], to: shop }", "{ method: POST, to: next }", "{ to: shop }"]),
      ["unreachable-route"],
    ],
    [
      "that a regular expression covers every path",
      withRoutes(['{ path: { regex: ".*" }, to: shop }']),
      ["unreachable-route"],
    ],
    [
      "that a header bypasses an access list",
      withRoutes([
        "{ path: /a, header: { x-a: b }, to: next }",
        "{ path: /a, allow: [10.0.0.0/8], to: shop }",
      ]),
      ["forgeable-header-grants-access"],
    ],
    [
      "that a header bypasses the restriction of a parent path",
      withRoutes(["{ path: /a/b, header: { x-a: b }, to: next }", "{ path: /a, respond: { status: 403 } }"]),
      ["forgeable-header-grants-access"],
    ],
    [
      "that every server has weight 0, backups included",
      `${withRoutes(["{ to: idle }"])}  idle: { servers: [{ address: "10.0.0.1:80", weight: 0 }, { address: "10.0.0.2:80", weight: 0, backup: true }] }\n`,
      ["all-server-weights-zero"],
    ],
    [
      "that hashing has only one address",
      `${withRoutes(["{ to: hashed }"])}  hashed: { service: hashed, port: 80, balance: { header: x-user } }\n`,
      ["affinity-over-one-address"],
    ],
    [
      "that a route without retries has one short attempt",
      `${withRoutes(["{ retries: 0, to: quick }"])}  quick: { service: quick, port: 80, timeouts: { connect: 500ms } }\n`,
      ["connect-timeout-too-short"],
    ],
    [
      "which backends share a short connect timeout, once",
      withRoutes(["{ to: shop }"], "timeouts: { connect: 30ms }"),
      ["connect-timeout-too-short"],
    ],
    [
      "that a site has no certificate",
      withRoutes(
        ["{ to: shop }"],
        "public:\n  tls: { terminatedAt: haproxy, certificates: [{ secret: a-tls, hosts: [a.example.com, '*.shop.example.com'] }] }",
      ),
      ["host-without-certificate"],
    ],
    [
      "that an idle WebSocket is closed",
      withRoutes(["{ websocket: true, timeouts: { tunnel: 10m }, to: shop }"], TLS),
      ["timeout-outlasts-load-balancer"],
    ],
    [
      "that disjoint access lists admit no client",
      withRoutes(["{ path: /a, allow: [10.0.0.0/8], to: shop }"], "public: { allow: [192.168.0.0/16] }"),
      ["no-client-allowed"],
    ],
    [
      "that internal clients on a port with PROXY protocol fail",
      withRoutes(["{ to: shop }"], `${TLS}\ninternal: { sharesPublicPort: { hostPrefix: edge } }`),
      ["shared-port-expects-proxy", "internal-shares-public-port"],
    ],
  ])("%s", async (_, yaml, codes) => {
    expect((await findingsOf(yaml)).filter(isNoNote).map(({ code }) => code)).toEqual(codes);
  });
});

describe("spellings of restricted paths", () => {
  const spellings = async (yaml: string) =>
    (await findingsOf(yaml)).filter(({ code }) => /spelling|ambiguous|unreachable/.test(code));
  const CLOSED = "{ path: { exact: /admin }, deny: [192.0.2.1], to: shop }";

  test.each<readonly [string, string, readonly string[]]>([
    ["a wider route matches them", withRoutes([CLOSED, "{ to: shop }"]), ["restricted-path-spellings"]],
    ["no wider route matches them", withRoutes([CLOSED]), []],
    ["the wider route is restricted too", withRoutes([CLOSED, "{ deny: [192.0.2.1], to: shop }"]), []],
    [
      "only the method is restricted",
      withRoutes(["{ path: /a, method: GET, to: shop }", "{ to: shop }"]),
      [],
    ],
    [
      "the site allows ambiguous paths",
      withRoutes([CLOSED, "{ to: shop }"]).replace("    routes:", "    ambiguousPaths: allow\n    routes:"),
      ["ambiguous-paths-allowed", "restricted-path-spellings"],
    ],
    [
      "the site allows them, and restricts nothing",
      withRoutes(["{ to: shop }"]).replace("    routes:", "    ambiguousPaths: allow\n    routes:"),
      [],
    ],
    [
      "a route has a path that its site refuses",
      withRoutes([CLOSED, "{ path: '/a;b', to: shop }"]),
      ["unreachable-route"],
    ],
    ["such a path without restrictions", withRoutes(["{ path: '/a;b', to: shop }"]), []],
  ])("%s", async (_, yaml, codes) => {
    expect((await spellings(yaml)).map(({ code }) => code)).toEqual(codes);
  });

  test("an exact path has one more: the trailing slash", async () => {
    const [note] = await spellings(withRoutes([CLOSED, "{ to: shop }"]));
    expect(note?.why).toContain("/ADMIN, /admin/, /admin., /admin.json and /admin%20 reach a wider route");
  });
});

/** The note about spellings applies to every restricted path below an open one. */
function isNoNote({ code }: Finding): boolean {
  return code !== "restricted-path-spellings";
}

test.each([
  ["balance-over-one-address", "Write `endpoints: headless` in the backend,"],
  ["internal-access-by-host", "write `internal: { hosts: [edge, edge.parcels] }`"],
  ["plain-http-with-hsts", "write `hsts: { maxAge: 15552000s }` in the sites"],
  // No backend field replaces it.
  ["httpchk-without-check", "check"],
])("a raw line that a field replaces has the field in its remedy: %s", async (code, remedy) => {
  const findings = await findingsOf(`edge: app
public:
  loadBalancer: { kind: aws-classic-elb, sources: [10.0.0.0/16] }
  raw:
    - http-response set-header Strict-Transport-Security max-age=15552000
    - "acl in_cluster hdr(host) -i edge edge.parcels"
    - "http-request redirect scheme https code 301 unless in_cluster"
sites: [{ host: www.example.com, routes: [{ to: web }, { path: /x, to: db }] }]
backends:
  web: { service: web, port: 80, raw: [balance leastconn] }
  db: { servers: ["db.example.com:80"], health: false, raw: [balance leastconn, option httpchk GET /x] }
`);
  const found = findings.filter((finding) => finding.code === code).map((finding) => finding.remedy);
  expect(found).toContainEqual(expect.stringContaining(remedy));
  expect(found.filter((text) => text.includes("endpoints: headless"))).toHaveLength(
    code === "balance-over-one-address" ? 1 : 0,
  );
});
