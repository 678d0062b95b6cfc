// Rules about clients and their addresses behind a load balancer, and where their findings are.
import { describe, expect, test } from "vitest";
import { checkLayers } from "../../src/check/layers/check-layers.ts";
import { emitLayers } from "../../src/emit/layers.ts";
import { containEveryone } from "../../src/plan/everyone.ts";
import { readWiring } from "../../src/wiring/read-wiring.ts";
import { findingsOf, described as plannedOf } from "./described.ts";

const edge = (loadBalancer: string, raw: readonly string[] = [], more = "") => `edge: shop
public:
  loadBalancer: { ${loadBalancer} }
  raw: ${JSON.stringify(raw)}
sites:
  - host: shop.example.com
    routes: [{ to: shop }]
backends:
  shop: { service: shop, port: 8080 }
${more}`;

/** Code and first line of the description. */
async function described(code: string, yaml: string): Promise<readonly (number | undefined)[]> {
  const found = (await findingsOf(yaml)).filter((finding) => finding.code === code);
  return found.map(({ at }) => at[0]?.line);
}

async function inFrontend(code: string, lines: string, bind = ":8080"): Promise<number> {
  const text = `defaults
  mode http
  timeout connect 2s
  timeout client 30s
  timeout http-request 10s
  timeout server 30s
frontend web
  bind ${bind}
${lines}
  default_backend app
backend app
  server app 10.0.0.7:8080
`;
  const found = checkLayers(await readWiring([{ file: "haproxy.cfg", text }]));
  return found.filter((finding) => finding.code === code).length;
}

const NLB = "kind: aws-nlb, sources: [10.0.0.0/16]";
const PAGE = ["stats enable", "stats uri /haproxy", "stats admin if TRUE"];

describe("a limit on the load balancer's address does not limit its clients", () => {
  test.each([NLB, "kind: aws-classic-elb, sources: [10.0.0.0/16]", "kind: http, sources: [10.0.0.0/16]"])(
    "public stats page behind { %s }",
    async (loadBalancer) => {
      expect(await described("stats-without-password", edge(loadBalancer, PAGE))).toEqual([4]);
    },
  );

  test.each<[string, string, number]>([
    ["tcp-request connection reject if !{ src 10.0.0.0/16 }", ":8080 accept-proxy", 1],
    [
      "acl lb src 10.0.0.0/16\n  tcp-request connection reject if !lb\n  tcp-request connection expect-proxy layer4 if lb",
      ":8080",
      1,
    ],
    ["http-request deny if { path_beg /admin } !{ src 10.0.0.0/16 }", ":8080", 1],
    ["tcp-request connection reject if !{ src 10.0.0.0/16 }", ":8080", 0],
    ["http-request deny if { path_beg /haproxy } !{ src 10.0.0.0/16 }", ":8080 accept-proxy", 0],
  ])("%s on bind %s", async (line, bind, count) => {
    expect(await inFrontend("stats-without-password", `  ${line}\n  ${PAGE.join("\n  ")}`, bind)).toBe(count);
    const withPassword = `  ${line}\n  stats auth ops:long-random-text\n  ${PAGE.join("\n  ")}`;
    expect(await inFrontend("stats-admin-unrestricted", withPassword, bind)).toBe(count);
  });
});

describe("networks that together contain every address", () => {
  test.each<[readonly string[], boolean]>([
    [["0.0.0.0/1", "128.0.0.0/1"], true],
    [["64.0.0.0/2", "0.0.0.0/2", "10.0.0.0/8", "128.0.0.0/1"], true],
    [["::/1", "8000::/1"], true],
    [["::/0"], true],
    [["0.0.0.0/1", "::/1"], false],
    [["0.0.0.0/1", "128.0.0.0/2"], false],
    [["10.0.0.0/255.0.0.0", "NETWORKS/0"], false],
    [[], false],
  ])("%s: %s", (networks, all) => {
    expect(containEveryone(networks)).toBe(all);
  });

  test("as sources of a load balancer are equal to any client", async () => {
    const halves = "sources: [0.0.0.0/1, 128.0.0.0/1]";
    expect(await described("forwarded-header-trusted", edge(`kind: http, ${halves}`))).toEqual([3]);
    expect(await described("proxy-header-from-any-source", edge(`kind: aws-nlb, ${halves}`))).toEqual([3]);
  });
});

describe("a forwarded header with a value that the client chooses", () => {
  test.each<[string, number]>([
    ["http-request set-header X-Forwarded-For %[req.hdr(x-client)]", 1],
    ["http-request set-header X-Forwarded-Proto %[req.hdr(x-scheme)]", 1],
    ["http-request set-header X-Forwarded-For %[req.hdr(x-client)] if { src 192.0.2.0/24 }", 0],
  ])("raw line %s", async (line, count) => {
    expect(await described("forwarded-headers-passed", edge(NLB, [line]))).toHaveLength(count);
  });

  const PROTO = "  http-request set-header X-Forwarded-Proto http";
  test.each<[string, number]>([
    ["http-request set-header X-Forwarded-For %[req.hdr(x-real-ip)]", 1],
    [
      "http-request set-var(txn.ip) req.hdr(x-real-ip)\n  http-request set-header X-Forwarded-For %[var(txn.ip)]",
      1,
    ],
    [
      "http-request set-header X-Forwarded-For %[req.hdr(x-real-ip)]\n  http-request set-header X-Forwarded-For %[src]",
      0,
    ],
    ["http-request set-var(txn.ip) src\n  http-request set-header X-Forwarded-For %[var(txn.ip)]", 0],
  ])("layer with %s", async (lines, count) => {
    expect(await inFrontend("forwarded-headers-passed", `${PROTO}\n  ${lines}`)).toBe(count);
  });
});

test.each<[string, number]>([
  ["name: admin, password: admin", 1],
  ["name: ops, password: Change-Me", 1],
  ["name: ops, password: 7f1k9Qw2xZp0", 0],
  ["name: admin, password: { secret: stats, key: password }", 0],
])("described stats user { %s }", async (user, count) => {
  const yaml = edge(NLB, [], `stats: { public: true, user: { ${user} } }\n`);
  expect(await described("guessable-password", yaml)).toHaveLength(count);
});

const API = (route: string, backend: string) => `edge: shop
public:
  loadBalancer: { kind: aws-classic-elb, sources: [10.0.0.0/16] }
sites:
  - host: shop.example.com
    routes:
      - path: /api
        to: api
        timeouts:
          ${route}
backends:
  api: { service: api, port: 8080, timeouts: { ${backend} } }
`;

describe("a timeout that a route replaces is not in force", () => {
  test.each<[string, string, readonly number[]]>([
    ["server: 40s", "server: 3m", []],
    ["server: 90s", "server: 3m", [10]],
    ["server: 90s", "connect: 3s", [10]],
    ["tunnel: 3m", "server: 3m", [10, 12]],
  ])("route { %s }, backend { %s }", async (route, backend, lines) => {
    expect(await described("timeout-outlasts-load-balancer", API(route, backend))).toEqual(lines);
  });
});

test("duplicate servers are at their entries", async () => {
  const yaml = edge(NLB).replace(
    "shop: { service: shop, port: 8080 }",
    'shop:\n    servers:\n      - 10.1.0.1:80\n      - { address: "10.1.0.1:80", weight: 1 }',
  );
  const [found] = (await findingsOf(yaml)).filter(({ code }) => code === "duplicate-server");
  expect(found?.at.filter(({ file }) => file === "portico.yaml").map(({ line }) => line)).toEqual([11, 12]);
});

const TLS = "  tls: { terminatedAt: loadBalancer }\n  raw:";

test.each<[string, string, string]>([
  ["forwarded-header-trusted", "kind: http, sources: [0.0.0.0/0]", "option forwardfor"],
  ["proxy-header-from-any-source", "kind: aws-classic-elb, sources: [0.0.0.0/0]", "option forwardfor"],
  ["bind-without-service", NLB, "bind *:9443"],
  ["stats-without-password", NLB, "stats enable"],
])("%s is one finding for both public ports, with the lines of both", async (code, loadBalancer, raw) => {
  const yaml = edge(loadBalancer, [raw]).replace("  raw:", TLS);
  const found = (await findingsOf(yaml)).filter((finding) => finding.code === code);
  expect(found).toHaveLength(1);
});

test("a load balancer without the PROXY header that HAProxy expects is one finding", async () => {
  const { plan } = await plannedOf(edge("kind: aws-classic-elb, sources: [10.0.0.0/16]"));
  const files = emitLayers(plan).map(({ path, content }) => ({
    file: path,
    text:
      path === "cloud/main.tf"
        ? content.replace(/instance_ports *= .*/, 'instance_ports = ["31999"]')
        : content,
  }));
  const codes = checkLayers(await readWiring(files)).map(({ code }) => code);
  expect(codes).toContain("proxy-protocol-one-sided");
  expect(codes).not.toContain("client-address-lost");
});
