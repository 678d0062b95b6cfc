// Which requests of a plan and of a haproxy.cfg have an outcome, and the proof that none has.
import { expect, test } from "vitest";
import type { Query } from "../../src/plan/query.ts";
import { conditionsText } from "../../src/space/condition-text.ts";
import { type Found, findRegions } from "../../src/space/find-regions.ts";
import { Formulas } from "../../src/space/formula.ts";
import { evaluateHaproxy } from "../../src/space/haproxy/evaluate-haproxy.ts";
import { haproxyQueryDimensions } from "../../src/space/haproxy/haproxy-query.ts";
import { evaluatePlan } from "../../src/space/plan/evaluate-plan.ts";
import { planQueryDimensions } from "../../src/space/plan/plan-query.ts";
import type { Rule } from "../../src/space/program.ts";
import {
  findQuestion,
  ImpossibleQuery,
  type QueryDimensions,
  violationQuestion,
} from "../../src/space/query.ts";
import { parseHaproxyConfig } from "../../src/wiring/haproxy/config.ts";
import { readHaproxyWiring } from "../../src/wiring/haproxy/read.ts";
import { planned, site } from "../model/planned.ts";

const PLAN = planned({
  sites: site([
    { path: "/admin", allow: ["198.51.100.0/24"], to: "api" },
    { path: "/old", redirect: { path: "/new" } },
    { path: "/api", to: "app" },
  ]),
});

type Ask = (query: Query, on: QueryDimensions, formulas: Formulas) => ReturnType<typeof findQuestion>;

function ofPlan(query: Query, ask: Ask = findQuestion): Found {
  const formulas = new Formulas();
  const program = evaluatePlan(PLAN, { formulas, paths: PLAN.paths });
  return findRegions(program, ask(query, planQueryDimensions(PLAN), formulas), { formulas });
}

function texts({ regions, undecided, incomplete }: Found): readonly string[] {
  expect(incomplete).toBeUndefined();
  return [
    ...regions.map(({ conditions, answer }) => `${conditionsText(conditions)}: ${answer.text}`),
    ...undecided.map(
      ({ conditions, answer, dependsOn }) =>
        `${conditionsText(conditions)}: ${answer.text}, depends on ${dependsOn.map(({ text }) => text).join()}`,
    ),
  ];
}

const NOT_ADMINS = { networks: ["198.51.100.0/24"], not: true };

test.each<[about: string, query: Query]>([
  ["a backend", { request: {}, answer: { backend: "api" } }],
  ["a backend, from elsewhere", { request: { from: NOT_ADMINS }, answer: { backend: "api" } }],
  ["a path and a status", { request: { path: "/admin" }, answer: { status: { from: 403, to: 403 } } }],
  [
    "success under a path",
    { request: { path: { exact: "/api" } }, answer: { status: { from: 200, to: 299 } } },
  ],
  ["no route", { request: { scheme: "http" }, answer: { noRoute: true } }],
  ["a redirect", { request: { host: "*.test" }, answer: { redirect: "/new**" } }],
  ["another method", { request: { path: "/api", methods: ["OPTIONS"] }, answer: {} }],
])("requests of a plan: %s", (_, query) => {
  expect(texts(ofPlan(query))).toMatchSnapshot();
});

test("always: what gets another answer is a violation", () => {
  const request = { host: "A.test", path: { exact: "/old" } };
  expect(texts(ofPlan({ request, answer: { redirect: "/new**" } }, violationQuestion))).toEqual([]);
  expect(
    texts(
      ofPlan({ request: { path: "/admin" }, answer: { status: { from: 403, to: 403 } } }, violationQuestion),
    ),
  ).toMatchSnapshot();
});

test("a value that no request has is refused, not proven", () => {
  expect(() => ofPlan({ request: { path: "/a b" }, answer: {} })).toThrow(ImpossibleQuery);
  expect(() => ofPlan({ request: { listener: "other" }, answer: {} })).toThrow(ImpossibleQuery);
});

const CONFIG = `
frontend www
  mode http
  bind :80
  bind :443 ssl crt /etc/haproxy/site.pem
  http-request redirect scheme https unless { ssl_fc }
  http-request deny deny_status 403 if { path_beg /admin } !{ src 198.51.100.0/24 }
  http-request deny deny_status 429 if { sc_http_req_rate(0) gt 100 }
  use_backend admin if { path_beg /admin }
  use_backend %[req.hdr(x-pool)] if { path_beg /pool }
  use_backend app if { hdr(host) -i app.example.com }
backend admin
  mode http
  server a 127.0.0.1:8001
backend app
  mode http
  http-request return status 204 if { path /ready }
  server a 127.0.0.1:8002
`;

function ofConfig(query: Query, line?: number, ask: Ask = findQuestion): Found {
  const formulas = new Formulas();
  const config = parseHaproxyConfig(CONFIG, "haproxy.cfg");
  const wiring = readHaproxyWiring(config);
  const program = evaluateHaproxy({ config, wiring, files: () => undefined }, formulas);
  const question = ask(query, haproxyQueryDimensions({ wiring }, { trafficPaths: [] }), formulas);
  const throughRule =
    line === undefined ? {} : { throughRule: ({ at }: Pick<Rule, "at">) => at?.line === line };
  return findRegions(program, { ...question, ...throughRule }, { formulas });
}

test.each<[about: string, query: Query, line?: number]>([
  ["a backend", { request: {}, answer: { backend: "admin" } }],
  ["a backend, from elsewhere", { request: { from: NOT_ADMINS }, answer: { backend: "admin" } }],
  ["a status of a counter", { request: {}, answer: { status: { from: 429, to: 429 } } }],
  ["no backend", { request: { scheme: "https" }, answer: { noRoute: true } }],
  [
    "a redirect",
    { request: { host: "App.example.com" }, answer: { redirect: "https://app.example.com/**" } },
  ],
  ["a line that leads to a backend", { request: {}, answer: {} }, 11],
  ["a rule of the backend", { request: {}, answer: {} }, 17],
])("requests of a haproxy.cfg: %s", (_, query, line) => {
  expect(texts(ofConfig(query, line))).toMatchSnapshot();
});
