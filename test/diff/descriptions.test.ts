// diff of descriptions finds every change of what requests get, HAProxy confirms it, and equal rewrites are proven equal.
import { describe, expect, test } from "vitest";
import type { ChangedRequests } from "../../src/diff/comparison.ts";
import { diffDescriptions } from "../../src/diff/diff-descriptions.ts";
import { probeText } from "../../src/diff/probe.ts";
import type { Plan } from "../../src/plan/plan.ts";
import { findAllHaproxies } from "../haproxy/all-haproxies.ts";
import { planned, type Routes, site } from "../model/planned.ts";

const haproxies = await findAllHaproxies();
const [haproxy] = haproxies;
if (haproxy === undefined) throw new Error("no HAProxy");

type Route = Routes[number];

/** A kind of change: the route before and after it, if there is one, and a request that it affects. */
const CHANGES: readonly (readonly [
  what: string,
  before: Route | undefined,
  after: Route | undefined,
  request: RegExp,
])[] = [
  [
    "a network grows",
    { path: "/c01", allow: ["198.51.100.0/24"], to: "app" },
    { path: "/c01", allow: ["198.51.0.0/16"], to: "app" },
    /\/c01 {2}from 198\.51\./,
  ],
  [
    "a network loses its half",
    { path: "/c02", allow: ["198.51.100.0/24"], to: "app" },
    { path: "/c02", allow: ["198.51.100.0/25"], to: "app" },
    /\/c02 {2}from 198\.51\.100\.(?:12[89]|1[3-9]|2)/,
  ],
  [
    "a network is denied",
    { path: "/c03", to: "app" },
    { path: "/c03", deny: ["192.0.2.0/24"], to: "app" },
    /\/c03 {2}from 192\.0\.2\./,
  ],
  [
    "an access list is removed",
    { path: "/c04", allow: ["198.51.100.0/24"], to: "app" },
    { path: "/c04", to: "app" },
    /\/c04/,
  ],
  [
    "an expression gains an alternative",
    { path: { regex: "^/c05(a|b)$" }, to: "next" },
    { path: { regex: "^/c05(a|b|longer)$" }, to: "next" },
    /\/c05longer/,
  ],
  [
    "an expression loses its end",
    { path: { regex: "^/c06(a|b)$" }, to: "next" },
    { path: { regex: "^/c06(a|b)" }, to: "next" },
    /\/c06[ab]/,
  ],
  [
    "a value of a header is added",
    { path: "/c07", header: { "x-beta": { regex: "^[12]$" } }, to: "next" },
    { path: "/c07", header: { "x-beta": { regex: "^[1-3]$" } }, to: "next" },
    /\/c07 {2}x-beta: 3/,
  ],
  [
    "a header is not required",
    { path: "/c08", header: { "x-beta": "1" }, to: "next" },
    { path: "/c08", to: "next" },
    /\/c08/,
  ],
  [
    "a method is added",
    { path: "/c09", method: "POST", to: "next" },
    { path: "/c09", method: ["POST", "PUT"], to: "next" },
    /PUT .*\/c09/,
  ],
  [
    "another value in the query",
    { path: "/c10", query: { kind: "a" }, to: "next" },
    { path: "/c10", query: { kind: "b" }, to: "next" },
    /\/c10\?kind=b/,
  ],
  [
    "a limit of the body",
    { path: "/c11", to: "app" },
    { path: "/c11", maxBody: "1KiB", to: "app" },
    /\/c11 .*1025 bytes/,
  ],
  [
    "a body of unknown length",
    { path: "/c12", to: "app" },
    { path: "/c12", maxBody: "1GiB", to: "app" },
    /\/c12 .*chunked/,
  ],
  ["another backend", { path: "/c13", to: "api" }, { path: "/c13", to: "next" }, /\/c13/],
  ["a new route", undefined, { path: "/c14", to: "next" }, /\/c14/],
  ["a removed route", { path: "/c15", to: "next" }, undefined, /\/c15/],
  ["a route that answers", { path: "/c16", to: "next" }, { path: "/c16", respond: { status: 410 } }, /\/c16/],
  [
    "a redirect",
    { path: "/c17", redirect: { path: "/a" } },
    { path: "/c17", redirect: { path: "/b" } },
    /\/c17/,
  ],
  [
    "a rewritten path",
    { path: "/c18", to: "api" },
    { path: "/c18", rewrite: { prefix: "/v2" }, to: "api" },
    /\/c18/,
  ],
  [
    "a rewritten host",
    { path: "/c19", to: "api" },
    { path: "/c19", rewrite: { host: "b.test" }, to: "api" },
    /\/c19/,
  ],
  [
    "a WebSocket",
    { path: "/c20", to: "api" },
    { path: "/c20", websocket: true, to: "api" },
    /\/c20 {2}a WebSocket/,
  ],
  [
    "a request header",
    { path: "/c21", to: "api" },
    { path: "/c21", requestHeaders: { set: { "x-site": "a" } }, to: "api" },
    /\/c21/,
  ],
  [
    "a response header",
    { path: "/c22", to: "api" },
    { path: "/c22", responseHeaders: { set: { "x-site": "a" } }, to: "api" },
    /\/c22/,
  ],
  ["a longer prefix", { path: "/c23", to: "api" }, { path: "/c23/v1", to: "api" }, /\/c23/],
];

const PUBLIC: NonNullable<Parameters<typeof planned>[0]["public"]> = {
  loadBalancer: { kind: "aws-classic-elb", sources: ["10.0.0.0/16"] },
  tls: { terminatedAt: "loadBalancer" },
};

type More = Partial<Parameters<typeof planned>[0]>;

const described = (routes: Routes, more: More = {}) =>
  planned({ public: PUBLIC, sites: site([...routes, { to: "app" }]), ...more });

const without = (routes: readonly (Route | undefined)[]) => routes.flatMap((route) => route ?? []);
const BEFORE = described(without(CHANGES.map(([, before]) => before)));
const AFTER = described(without(CHANGES.map(([, , after]) => after)));

const confirmed = (changed: readonly ChangedRequests[]) =>
  changed.flatMap(({ sent, confirmed: is }) => (sent && is ? probeText(sent.probe) : []));

describe.each(haproxies)("HAProxy $version", (one) => {
  test("every kind of change is found and confirmed", async () => {
    const { changed, disagreements, proven } = await diffDescriptions(BEFORE, AFTER, one);
    expect({ disagreements, proven }).toEqual({ disagreements: [], proven: false });
    const requests = confirmed(changed);
    const missing = CHANGES.filter(([, , , request]) => !requests.some((text) => request.test(text)));
    expect(missing.map(([what]) => what)).toEqual([]);
  });
});

test("what holds for all routes: a host, a trusted header, a server's address", async () => {
  const more = (fields: More) => described([], fields);
  const pool = (address: string) => ({ servers: [address] });
  const pools = { api: pool("10.0.0.7:8080"), next: pool("10.0.0.7:8080") };
  const after = more({
    sites: site([{ to: "app" }], ["a.test", "b.test"]),
    public: { ...PUBLIC, trustedHeaders: ["X-Real-IP"] },
    backends: { ...pools, app: pool("10.0.0.9:8080") },
  });
  const { changed } = await diffDescriptions(more({}), after, haproxy);
  expect(confirmed(changed).join("\n")).toMatch(/b\.test/);
  expect(confirmed(changed).join("\n")).toMatch(/a\.test.*x-real-ip: any/);
  expect(changed).toContainEqual(
    expect.objectContaining({ differs: "servers", after: "app: 10.0.0.9:8080", confirmed: false }),
  );
});

test("a raw line refuses POST", async () => {
  const after = described([], { public: { ...PUBLIC, raw: ["http-request deny if METH_POST"] } });
  const { changed, disagreements } = await diffDescriptions(described([]), after, haproxy);
  expect(disagreements).toEqual([]);
  expect(new Set(changed.map((one) => one.after))).toEqual(new Set(["403"]));
  expect(confirmed(changed)).toContain("POST https://a.test/");
});

const REWRITTEN: Routes = [
  { path: "/admin", allow: ["198.51.100.0/25", "198.51.100.128/25"], to: "app" },
  { path: { regex: "^/x[ab]$" }, to: "next" },
  { path: "/api/v1", method: "GET", to: "api" },
  { path: "/api", to: "api" },
];
const WRITTEN: Routes = [
  { path: "/api", to: "api" },
  { path: "/admin", allow: ["198.51.100.0/24"], to: "app" },
  { path: { regex: "^/x(a|b)$" }, to: "next" },
];

test("equal rewrites are proven equal: networks, expressions, order, a route without effect", async () => {
  const timeouts = { server: "20s" };
  const compared = await diffDescriptions(described(WRITTEN), described(REWRITTEN, { timeouts }), haproxy);
  const { changed, undecided, proven, except, otherChanges } = compared;
  expect({ changed, undecided, except, proven }).toEqual({
    changed: [],
    undecided: [],
    except: [],
    proven: true,
  });
  // The proof does not cover the timeout.
  expect(otherChanges.join("\n")).toMatch(/`timeout server/);
});

test("raw lines: equal ones are proven equal, except what depends on named lines", async () => {
  const raw = (...lines: string[]): Plan => described([], { public: { ...PUBLIC, raw: lines } });
  const before = raw("http-request deny if { path /tea } or { path /coffee }");
  const after = raw("http-request deny if { path /coffee }", "http-request deny if { path /tea }");
  const { changed, proven, except, otherChanges } = await diffDescriptions(before, after, haproxy);
  expect({ changed, proven, otherChanges }).toEqual({ changed: [], proven: true, otherChanges: [] });
  expect(except.map(({ text }) => text).join("\n")).not.toContain("/tea");
});
