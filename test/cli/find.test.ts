// portico find: regions with requests, proofs, what is not known, and invalid questions.
import { expect, test } from "vitest";
import { folderWith, portico } from "./portico.ts";

const EDGE = `edge: app
public: { loadBalancer: { kind: aws-classic-elb, sources: [10.0.0.0/16] } }
sites:
  - host: www.example.com
    routes:
      - { path: /admin, allow: [198.51.100.0/24], to: admin }
      - { path: /old, redirect: { path: /new } }
      - { path: /api, header: { x-beta: "1" }, to: beta }
      - { path: /api, to: web }
backends:
  web: { servers: ["10.0.0.7:8080"] }
  beta: { servers: ["10.0.0.8:8080"] }
  admin: { servers: ["10.0.0.9:8080"] }
`;

const CONFIG = `defaults
  mode http
  timeout connect 5s
  timeout client 30s
  timeout server 30s
frontend www
  bind :8080
  http-request deny if { path_beg /admin } !{ src 198.51.100.0/24 }
  http-request deny deny_status 429 if { sc_http_req_rate(0) gt 100 }
  filter compression
  use_backend admin if { path_beg /admin }
  use_backend web if { hdr(host) -i www.example.com }
backend web
  server a 127.0.0.1:8001
backend admin
  server a 127.0.0.1:8002
`;

function find(...args: readonly string[]) {
  const cwd = folderWith({ "portico.yaml": EDGE, "haproxy.cfg": CONFIG });
  return portico(["find", ...args], { cwd });
}

test.each([
  ["a backend", ["--backend", "admin"]],
  ["a backend, proven unreachable from elsewhere", ["--backend", "admin", "--from", "not 198.51.100.0/24"]],
  ["a status of HAProxy and of backends", ["--status", "403"]],
  ["a status of success", ["--status", "2xx", "--path", "/api", "-H", "x-beta: 1"]],
  ["a redirect", ["--redirect", "/new**"]],
  ["a line", ["--reaches-line", "portico.yaml:8"]],
  ["no route", ["--no-route", "--host", "www.example.com"]],
  ["a haproxy.cfg", ["haproxy.cfg", "--backend", "web"]],
  ["a haproxy.cfg, no backend", ["--layers", "haproxy.cfg", "--no-route", "--method", "GET"]],
])("%s", async (_, args) => {
  const { status, stdout, stderr } = await find(...args);
  expect(stderr).toBe("");
  expect(status).toBe(0);
  expect(stdout).toMatchSnapshot();
});

test("JSON has conditions, rules and witness of each region, and whether none is proven", async () => {
  const { stdout } = await find("--backend", "admin", "--json");
  expect(JSON.parse(stdout)).toMatchSnapshot();
  const none = await find("--backend", "admin", "--from", "not 198.51.100.0/24", "--json");
  expect(JSON.parse(none.stdout)).toMatchObject({ provenNone: true, regions: [], undecided: [] });
});

test.each([
  ["may answer, not examined: nothing is proven", "tcp-response content reject"],
  ["answers instead of the server", "http-response deny if { status 503 } { src 10.0.0.0/8 }"],
  ["never matches: there is no request any more", "http-response deny if { path /admin }"],
])("a rule for responses that %s", async (_, rule) => {
  const text = CONFIG.replace("  filter compression\n", `  ${rule}\n`);
  const cwd = folderWith({ "haproxy.cfg": text });
  const { stdout } = await portico(["find", "haproxy.cfg", "--status", "502"], { cwd });
  expect(stdout).toMatchSnapshot();
});

test.each([
  ["nothing", []],
  ["a status", ["--status", "9"]],
  ["networks", ["--from", "everywhere"]],
  ["a path that no request has", ["--path", "/a b"]],
  ["a line without a rule", ["--reaches-line", "portico.yaml:1"]],
  ["two inputs", ["--layers", ".", "portico.yaml", "--no-route"]],
])("invalid: %s", async (_, args) => {
  const { status, stdout, stderr } = await find(...args);
  expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
  expect(stderr).toMatchSnapshot();
});

test("--confirm: HAProxy's answer to the request of each region", async () => {
  const described = await find("--status", "403", "--confirm");
  expect(described.status).toBe(0);
  expect(described.stdout).toMatch(
    /GET http:\/\/www\.example\.com\/admin from .*\n {2}HAProxy [\d.]+: 403 from HAProxy\n/,
  );
  const { status, stdout } = await find("haproxy.cfg", "--path", "/admin", "--confirm", "--json");
  expect(status).toBe(0);
  const { regions } = JSON.parse(stdout);
  expect(regions.length).toBeGreaterThan(0);
  const statuses = regions.map(
    ({ haproxyAnswer }: { readonly haproxyAnswer: { readonly status: number } | null }) =>
      haproxyAnswer?.status,
  );
  expect(statuses).toContain(200);
  expect(regions.every(({ confirmed }: { readonly confirmed: boolean | null }) => confirmed !== false)).toBe(
    true,
  );
});

test("--confirm: a client address that the load balancer hides is not confirmed, and is no difference", async () => {
  const cwd = folderWith({ "portico.yaml": EDGE.replace(/^public: .*\n/m, "") });
  const { status, stdout } = await portico(["find", "--backend", "admin", "--confirm"], { cwd });
  const why = "not sent: the lab has an address of its own for this client";
  expect(stdout).toContain(`  ${why}\n`);
  expect(status).toBe(0);
  const asJson = await portico(["find", "--backend", "admin", "--confirm", "--json"], { cwd });
  expect(JSON.parse(asJson.stdout).regions[0]).toMatchObject({ confirmed: null, unconfirmed: why });
});

test.each([
  [":80", /^ {2}HAProxy [\d.]+: 405 from HAProxy$/m],
  [":8080", /^ {2}not sent: HAProxy refuses CONNECT with this Host at this port$/m],
])("--confirm: CONNECT with a Host, at %s", async (bind, confirmed) => {
  const rule = "http-request deny deny_status 405 if { method CONNECT } { hdr(host) -i www.example.com }";
  const cwd = folderWith({ "haproxy.cfg": CONFIG.replace("bind :8080", `bind ${bind}\n  ${rule}`) });
  const { status, stdout } = await portico(["find", "haproxy.cfg", "--status", "405", "--confirm"], { cwd });
  expect(stdout).toMatch(confirmed);
  expect(status).toBe(0);
});

test("--confirm: a configuration that HAProxy refuses", async () => {
  const cwd = folderWith({ "haproxy.cfg": CONFIG.replace("mode http", "mode http\n  no-such-word") });
  const { status, stdout, stderr } = await portico(["find", "haproxy.cfg", "--status", "403", "--confirm"], {
    cwd,
  });
  expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
  expect(stderr).toContain("no-such-word");
});
