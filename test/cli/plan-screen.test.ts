// portico plan says all that was decided, not only what most people ask.
import { expect, test } from "vitest";
import { folderWith, portico } from "./portico.ts";

test("every part of the plan has a row", async () => {
  const cwd = folderWith({
    "portico.yaml": `edge: app
public: { loadBalancer: { kind: none }, allow: [192.0.2.0/24], raw: [option logasap] }
stats: { port: 9404, public: true, user: { name: ops, password: secret-of-ops } }
logs: { format: httplog }
compression: true
haproxy: { raw: [tune.bufsize 32768] }
sites:
  - host: www.example.com
    routes: [{ to: web, maxBody: 10MiB }]
backends:
  web:
    service: web
    port: 80
    health: { path: /health, interval: 7s, timeout: 3s, rise: 4, fall: 5 }
    timeouts: { connect: 250ms, server: 11s }
    raw: [option abortonclose]
`,
  });
  const { status, stdout, stderr } = await portico(["plan"], { cwd });
  expect([status, stderr]).toEqual([0, ""]);
  const rows = stdout.split("\n").map((line) => line.trim().replace(/ {2,}/g, "  "));
  for (const row of [
    "allows 192.0.2.0/24",
    "raw: option logasap",
    "public, user ops",
    "raw: tune.bufsize 32768",
    "raw: option abortonclose",
    "/ → web, body ≤ 10 MiB",
    "timeouts  connect 250ms, server 11s  described",
  ])
    expect(rows).toContain(row);
  expect(stdout).toMatch(/^ {4}stats +:9404 +described$/m);
  expect(stdout).toMatch(/^ +httplog, local0 info$/m);
  expect(stdout).toMatch(/^ +types +text\/html /m);
  for (const [name, value] of [
    ["every", "7s"],
    ["waits", "3s"],
    ["down after", "5"],
    ["up after", "4"],
  ])
    expect(stdout).toMatch(new RegExp(`^ {8}${name} +${value} +described$`, "m"));
  expect(stdout).not.toContain("secret-of-ops");
});

test("what Terraform makes has its rows too, and nothing else has them", async () => {
  const cwd = folderWith({
    "portico.yaml": `edge: app
public:
  loadBalancer: { kind: aws-nlb, proxyProtocol: none, aws: { dns: true, internal: true, accessLogs: { bucket: logs } } }
  tls: { endsAt: loadBalancer, certificate: acm }
sites:
  - host: www.example.com
    routes: [{ to: web }]
backends:
  web: { service: web, port: 80 }
`,
  });
  const { stdout } = await portico(["plan"], { cwd });
  const rows = stdout.split("\n").map((line) => line.trim().replace(/ {2,}/g, "  "));
  for (const row of [
    "in the cloud",
    "name  app-edge  the edge's name",
    "reachable  from private networks",
    "certificate  made for www.example.com",
    "records for  www.example.com",
    "access logs  to logs",
  ])
    expect(rows).toContain(row);
  expect(stdout).toMatch(/^ +asks nodes +HTTP 30406\/ready/m);
  expect(stdout).toMatch(/^ +client's address +kept/m);
});

test("every decision about a backend has a row, whatever it is called", async () => {
  const cwd = folderWith({
    "portico.yaml": `edge: app
paths: as-is
sites: [{ host: www.example.com, routes: [{ to: web }] }]
backends:
  web:
    servers: [{ address: "10.0.0.7:8443", weight: 17 }, { address: "10.0.0.8:8443", backup: true }]
    maxConnections: 41
    proxyProtocol: v2
    sticky: { cookie: stays-with }
    tls: { verify: false, sni: origin.example.net }
    health: { path: /health }
`,
  });
  const [text, json] = await Promise.all([portico(["plan"], { cwd }), portico(["plan", "--json"], { cwd })]);
  const { backends } = JSON.parse(json.stdout) as { backends: [Record<string, unknown>] };
  const { at: _, timeouts: __, ...decided } = backends[0];
  const shown = text.stdout.replace(/\s+/g, " ");
  for (const [path, leaf] of leavesOf(decided, "web")) expect(shown, path).toContain(leaf);
  expect(text.stdout).toMatch(/^ +paths +as-is/m);
  expect(text.stdout).toMatch(/^ +max connections +41/m);
});

/** Values that are set; the reason of a decision that is the description's own is one word, and a duration has its unit. */
function leavesOf(value: unknown, path: string): readonly (readonly [path: string, text: string])[] {
  if (value === null || value === false || /Ms(\.value)?$/.test(path)) return [];
  if (typeof value !== "object") return [[path, value === true ? "yes" : String(value)]];
  return Object.entries(value).flatMap(([key, one]) => leavesOf(one, `${path}.${key}`));
}
