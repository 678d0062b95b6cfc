// portico plan shows every decision, not only the common ones.
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { planText } from "../../src/cli/screens/plan-text.ts";
import type { Plan } from "../../src/plan/plan.ts";
import { goldenCase } from "../golden-files.ts";
import { folderWith, portico } from "./portico.ts";

const golden = join(import.meta.dirname, "../golden");
const cases = await Promise.all(
  readdirSync(golden).map(async (name) => [name, (await goldenCase(join(golden, name))).plan] as const),
);
const plans = cases.filter((one): one is readonly [string, Plan] => one[1] !== null);

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
  const rows = rowsOf(stdout);
  for (const row of [
    "allow  192.0.2.0/24",
    "raw  option logasap  portico.yaml:2",
    "password  *** in STATS_PASSWORD",
    "raw  tune.bufsize 32768  portico.yaml:6",
    "raw  option abortonclose  portico.yaml:16",
    "port  9404  portico.yaml:3",
    "format  httplog",
    "/  → web  portico.yaml:9",
    "bytes  10 MiB",
    "connect  250ms",
    "server  11s",
    "interval  7s  portico.yaml:14",
    "timeout  3s  portico.yaml:14",
    "rise  4  portico.yaml:14",
    "fall  5  portico.yaml:14",
  ])
    expect(rows).toContain(row);
  expect(rows).toContainEqual(expect.stringMatching(/^compression {2}text\/html /));
  expect(stdout).not.toContain("secret-of-ops");
});

test("resources of Terraform have rows, only where Terraform is rendered", async () => {
  const cwd = folderWith({
    "portico.yaml": `edge: app
public:
  loadBalancer: { kind: aws-nlb, sources: [10.0.0.0/16], proxyProtocol: none, aws: { dns: true, internal: true, accessLogs: { bucket: logs } } }
  tls: { terminatedAt: loadBalancer, certificate: acm }
sites:
  - host: www.example.com
    routes: [{ to: web }]
backends:
  web: { service: web, port: 80 }
`,
  });
  const { stdout } = await portico(["plan"], { cwd });
  const rows = rowsOf(stdout);
  for (const row of [
    "load balancer in AWS",
    "name  app-edge  the edge's name with -edge",
    "internal  yes",
    "names  www.example.com",
    "aliases  www.example.com",
    "bucket  logs",
    "node port  30406  fixed: the load balancer's configuration names it",
  ])
    expect(rows).toContain(row);
  expect(rows).toContainEqual(expect.stringMatching(/^keeps client address {2}yes {2}/));
});

test("every decision about a backend has a row, whatever the backend's name", async () => {
  const cwd = folderWith({
    "portico.yaml": `edge: app
paths: as-is
stickyKey: d8ZbTq2VwNc0mYhJ4uKfRx7LsPa1GiEo5tWn9CkBvQ3zMy6DjHrUeXgS
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
  for (const [path, leaf] of leavesOf(decided, "web"))
    if (!/Ms(\.value)?$|\.kind$|\.at(\.|$)/.test(path)) expect(shown, path).toContain(leaf);
  expect(text.stdout).toMatch(/^ +paths +as-is/m);
  expect(text.stdout).toMatch(/^ +max connections +41/m);
});

/** Leaves of a plan that its text does not repeat as they are, each with the reason. */
const NOT_REPEATED: readonly (readonly [path: RegExp, reason: string])[] = [
  [/\.at(\.|$)|^\.places/, "a place in the description, shown after the reason"],
  [/^\.expectations/, "expectations; `portico test` shows them"],
  [
    /(Ms|Bytes|bytes|Minutes|[a-z]S|Seconds)(\.value)?$|^\.(timeouts|resolvers)\.\w+\.value$|^\.tcpKeepAlive\.value$|memory(Request|Limit)\.value$/,
    "shown with its unit",
  ],
  [
    /\.hosts\[\]\.kind$|\.action\.kind$|\.(headers|query)\[\]\.kind$|\.from\.kind$|\.path\.kind$/,
    "the format of the row shows it",
  ],
  [/^\.sites\[\]\.routes\[\]/, "more than 40 routes are only counted; their settings are tested below"],
  [/^\.errorPages\[\]\.html$/, "its length is shown"],
];

describe.each(plans)("the plan of test/golden/%s", (_, plan) => {
  test("is in its text, value by value", () => {
    const shown = planText(plan, { colour: false, width: 5000 }).replace(/\s+/g, " ");
    const missing = leavesOf(plan, "").filter(
      ([path, leaf]) =>
        // Its place represents it.
        leaf !== "described" &&
        !shown.includes(leaf.replace(/\s+/g, " ").trim()) &&
        !NOT_REPEATED.some(([known]) => known.test(path)),
    );
    expect(missing).toEqual([]);
  });
});

test("settings of a route are in the text", () => {
  const [, plan] = plans.find(([name]) => name === "headers") ?? plans[0] ?? [];
  if (plan === undefined) throw new Error("there is no golden plan");
  const shown = planText(plan, { colour: false, width: 5000 });
  for (const { requestHeaders, responseHeaders } of plan.sites.flatMap(({ routes }) => routes))
    for (const { name } of [...requestHeaders.set, ...requestHeaders.add, ...responseHeaders.set])
      expect(shown).toContain(name);
});

/** Without indentation, columns separated by two spaces. */
function rowsOf(text: string): readonly string[] {
  return text.split("\n").map((line) => line.trim().replace(/ {2,}/g, "  "));
}

/** Values that are set: not null, not false, not empty. */
function leavesOf(value: unknown, path: string): readonly (readonly [path: string, text: string])[] {
  if (value === null || value === undefined || value === false || value === "") return [];
  if (Array.isArray(value)) return value.flatMap((one) => leavesOf(one, `${path}[]`));
  if (typeof value !== "object") return value === true ? [] : [[path, String(value)]];
  return Object.entries(value as object).flatMap(([key, one]) => leavesOf(one, `${path}.${key}`));
}

test("a reason is in its column, also after a value that is wider than the column", async () => {
  const sources = "[10.0.0.0/16, 10.1.0.0/16, 10.2.0.0/16]";
  const cwd = folderWith({
    "portico.yaml": `edge: app
public:
  loadBalancer: { kind: aws-classic-elb, sources: ${sources} }
  tls: { terminatedAt: loadBalancer }
sites: [{ host: www.example.com, routes: [{ to: web }] }]
backends: { web: { service: web, port: 80 } }
`,
  });
  const { stdout } = await portico(["plan"], { cwd });
  const lines = stdout.split("\n");
  const below = lines[lines.findIndex((line) => line.includes("sources  ")) + 1] ?? "";
  const kind = lines.find((line) => line.includes("idle timeout  ")) ?? "";
  expect(below).toContain("portico.yaml:3");
  expect(below.indexOf("portico.yaml:3")).toBe(kind.indexOf("the default of"));
  const policy = lines.findIndex((line) => line.includes("ELBSecurityPolicy"));
  expect(lines[policy + 1]?.search(/\S/)).toBeGreaterThan(lines[policy]?.indexOf("ELBSec") ?? 0);
});
