// What differs between two plans for all requests, and what is proven equal.
import { expect, test } from "vitest";
import type { Edge } from "../../../src/description/define-edge.ts";
import type { Plan } from "../../../src/plan/plan.ts";
import { type ChangedRegion, type Comparison, comparePrograms } from "../../../src/space/compare.ts";
import { conditionsText } from "../../../src/space/condition-text.ts";
import { Formulas } from "../../../src/space/formula.ts";
import { evaluatePlan } from "../../../src/space/plan/evaluate-plan.ts";
import { planned, type Routes, site } from "../../model/planned.ts";

type Described = Partial<Edge> & Pick<Edge, "sites">;

const ROUTES: Routes = [
  { path: "/api", to: "api" },
  { path: "/admin", allow: ["198.51.100.0/24"], to: "app" },
  { path: { regex: "^/x(a|b)" }, to: "next" },
  { to: "app" },
];

function compared(before: Plan, after: Plan): Comparison {
  const formulas = new Formulas();
  const paths = before.paths === "as-is" && after.paths === "as-is" ? "as-is" : "normal";
  const options = { formulas, paths } as const;
  return comparePrograms(evaluatePlan(before, options), evaluatePlan(after, options), { formulas });
}

/** A line for each changed region; empty: proven. */
function changes(before: Described, after: Described): readonly string[] {
  return compared(planned(before), planned(after)).facets.flatMap(
    ({ id, changed, undecided, incomplete }) => {
      expect(incomplete).toBeUndefined();
      return [
        ...changed.map((region) => `${id}: ${regionText(region)}`),
        ...undecided.map(
          (region) =>
            `${id}: ${regionText(region)}, depends on ${region.dependsOn.map(({ text }) => text).join()}`,
        ),
      ];
    },
  );
}

function regionText({ conditions, before, after }: ChangedRegion): string {
  return `${conditionsText(conditions)}: ${before.text} ⇒ ${after.text}`;
}

/** The routes with other fields in the one at `index`. */
function edited(index: number, fields: Partial<Routes[number]>): Described {
  return { sites: site(ROUTES.map((route, at) => (at === index ? { ...route, ...fields } : route))) };
}

const BEFORE: Described = { sites: site(ROUTES) };

test("the same description is proven equal", () => {
  expect(changes(BEFORE, BEFORE)).toEqual([]);
});

test.each<[name: string, after: Described]>([
  ["a network as its two halves", edited(1, { allow: ["198.51.100.0/25", "198.51.100.128/25"] })],
  ["a regular expression written differently", edited(2, { path: { regex: "^/x[ab].*$" } })],
  ["routes in another order", { sites: site([...ROUTES].reverse()) }],
  [
    "a route that repeats a wider one",
    { sites: site([...ROUTES, { path: "/api/v2", to: "api" }, { path: { exact: "/api" }, to: "api" }]) },
  ],
  [
    "a condition that always holds",
    { sites: site([...ROUTES, { path: "/api", header: { "x-a": { regex: "^" } }, to: "api" }]) },
  ],
])("%s changes nothing", (_, after) => {
  expect(changes(BEFORE, after)).toEqual([]);
});

test.each<[name: string, after: Described, expected: readonly string[]]>([
  [
    "an allow list that grows",
    edited(1, { allow: ["198.51.0.0/16"] }),
    [
      "answer: listener http, host a.test, /admin/** but not ambiguous paths, from 198.51.0.0/16 but not 198.51.100.0/24: 403 ⇒ → app",
    ],
  ],
  [
    "one more alternative in a regular expression",
    edited(2, { path: { regex: "^/x(a|b|c)" } }),
    [
      "answer: listener http, host a.test, ~^/x(a|b|c) but not (ambiguous paths or ~^/x(a|b)): → app ⇒ → next",
    ],
  ],
  [
    "a limit for bodies",
    edited(0, { maxBody: "10B" }),
    [
      "answer: listener http, host a.test, /api/** but not ambiguous paths, body of 11 or more: → api ⇒ 413",
      "answer: listener http, host a.test, /api/** but not ambiguous paths, body of unknown length: → api ⇒ 411",
    ],
  ],
  [
    "WebSockets",
    edited(0, { websocket: true }),
    [
      "request-header:upgrade: listener http, host a.test, /api/** but not ambiguous paths, GET, upgrade websocket, body of 0: unchanged ⇒ websocket",
    ],
  ],
  [
    "a route with conditions",
    {
      sites: site([
        ...ROUTES,
        { path: "/api", method: "POST", header: { "x-beta": "1" }, query: { v: "2" }, to: "next" },
      ]),
    },
    [
      "answer: listener http, host a.test, /api/** but not ambiguous paths, POST, x-beta: 1, ?v=2: → api ⇒ → next",
    ],
  ],
  [
    "edits of headers, one of which reads like the usual value",
    edited(0, {
      requestHeaders: { set: { "X-Forwarded-For": "{{client}" }, remove: ["x-real-ip"] },
      responseHeaders: { set: { "X-A": "b" } },
    }),
    [
      'request-header:x-forwarded-for: listener http, host a.test, /api/** but not ambiguous paths: unchanged ⇒ "{client}"',
      'response-header:x-a: listener http, host a.test, /api/** but not ambiguous paths: unchanged ⇒ "b"',
    ],
  ],
  [
    "values of the request in headers; those of the listener are a part of the text",
    edited(0, {
      requestHeaders: {
        set: {
          "X-A": "{scheme}:{listener.port}",
          "X-B": "a {request.path} b",
          "X-C": "{header.X-Real-IP}",
          "X-Forwarded-For": "{client.ip}",
        },
      },
      responseHeaders: { add: { "X-A": "{{{header.X-A}" } },
    }),
    [
      'request-header:x-a: listener http, host a.test, /api/** but not ambiguous paths: unchanged ⇒ "http:80"',
      'request-header:x-b: listener http, host a.test, /api/** but not ambiguous paths: unchanged ⇒ "a {request.path} b"',
      'request-header:x-c: listener http, host a.test, /api/** but not ambiguous paths: unchanged ⇒ ""',
      'response-header:x-a: listener http, host a.test, /api/** but not ambiguous paths: unchanged ⇒ "{{header.x-a}" added',
    ],
  ],
  [
    "headers where there is none, and of responses of servers only",
    edited(0, {
      requestHeaders: { setIfAbsent: { "X-A": "a" } },
      responseHeaders: { set: { "X-A": "b" }, setIfAbsent: { "X-B": "c" }, responsesFrom: "servers" },
    }),
    [
      'request-header:x-a: listener http, host a.test, /api/** but not ambiguous paths: unchanged ⇒ "a" if absent',
      'response-header:x-a: listener http, host a.test, /api/** but not ambiguous paths: unchanged ⇒ "b" in responses of servers, unchanged in those of HAProxy itself',
      'response-header:x-b: listener http, host a.test, /api/** but not ambiguous paths: unchanged ⇒ "c" if absent in responses of servers, unchanged in those of HAProxy itself',
    ],
  ],
  [
    "paths as they are sent",
    { ...BEFORE, paths: "as-is" },
    [
      "entrance: listener http: port 80/tcp, the client address from the connection, paths in their normal form ⇒ port 80/tcp, the client address from the connection, paths as they are sent",
    ],
  ],
  [
    "other servers of a backend",
    { ...BEFORE, backends: { app: { servers: ["10.0.0.8:80"] }, api: pool(), next: pool() } },
    [
      "servers: listener http, host a.test, not (ambiguous paths or ~^/x(a|b) or /admin/** or /api/**): app: 10.0.0.7:8080 ⇒ app: 10.0.0.8:80",
      "servers: listener http, host a.test, /admin/** but not ambiguous paths, from 198.51.100.0/24: app: 10.0.0.7:8080 ⇒ app: 10.0.0.8:80",
      "servers: listener http, OPTIONS *, host a.test: app: 10.0.0.7:8080 ⇒ app: 10.0.0.8:80",
    ],
  ],
  [
    "an entrance for some clients only",
    { ...BEFORE, public: { allow: ["198.51.100.0/24"] } },
    [
      "answer: listener http, host not a.test, from not 198.51.100.0/24: 404 ⇒ 403",
      "answer: listener http, host a.test, not (ambiguous paths or ~^/x(a|b) or /admin/** or /api/**), from not 198.51.100.0/24: → app ⇒ 403",
      "answer: listener http, host a.test, /api/** but not ambiguous paths, from not 198.51.100.0/24: → api ⇒ 403",
      "answer: listener http, host a.test, ~^/x(a|b) but not ambiguous paths, from not 198.51.100.0/24: → next ⇒ 403",
      "answer: listener http, OPTIONS *, host a.test, from not 198.51.100.0/24: → app ⇒ 403",
    ],
  ],
])("%s", (_, after, expected) => {
  expect(changes(BEFORE, after)).toEqual(expected);
});

function pool() {
  return { servers: ["10.0.0.7:8080"] };
}

test("a region names the deciding rules of both sides, a request, and what else differs", () => {
  const { facets } = compared(planned(BEFORE), planned(edited(1, { allow: ["198.51.0.0/16"] })));
  const [region] = facets.flatMap(({ changed }) => changed);
  expect(region?.rules.before.map(({ text }) => text)).toEqual([
    "the route a.test/admin does not allow this client",
  ]);
  expect(region?.rules.after.map(({ text }) => text)).toEqual(["the route a.test/admin"]);
  expect(region?.witness).toMatchObject({ host: "a.test", target: "/admin", client: "198.51.0.1" });
  expect(region?.also.map(({ id }) => id)).toEqual(["servers"]);
});

test("raw lines are not examined", () => {
  const plan = planned({ ...BEFORE, public: { raw: ["http-request deny if METH_POST"] } });
  expect(compared(plan, plan).unexamined.after.map(({ text }) => text)).toEqual([
    "http-request deny if METH_POST",
  ]);
});

test("an evaluation beyond its budget is not proven", () => {
  const formulas = new Formulas();
  const options = { formulas, paths: "normal" } as const;
  const [before, after] = [planned(BEFORE), planned(edited(0, { to: "next" }))];
  const { facets } = comparePrograms(evaluatePlan(before, options), evaluatePlan(after, options), {
    formulas,
    steps: 20,
  });
  expect(facets.map(({ incomplete }) => incomplete)).toContain("budget");
});
