// The comparison detects differences: each part of a decision, changed alone, differs from what the real HAProxy did.
import { expect, it } from "vitest";
import { disagreements } from "../../src/lab/agreement.ts";
import type { Decision } from "../../src/model/decide.ts";
import { findAllHaproxies } from "../haproxy/all-haproxies.ts";
import type { FuzzRequest } from "./requests.ts";
import { compareOn, type Pair, planOf, withLab } from "./round.ts";

const [haproxy] = await findAllHaproxies();

const REQUEST: FuzzRequest = {
  listener: "https",
  from: "203.0.113.7",
  httpVersion: "HTTP/1.1",
  method: "GET",
  target: "/api/x?q=1",
  headers: [
    ["Host", "a.test"],
    ["x-a", "1"],
    ["x-a", "2"],
  ],
  body: "",
};

async function pairFor(request: FuzzRequest): Promise<Pair> {
  const { plan } = planOf({
    edge: "notices",
    public: {
      loadBalancer: { kind: "aws-classic-elb", sources: ["10.0.0.0/16"] },
      tls: { terminatedAt: "loadBalancer" },
    },
    sites: [
      {
        host: "a.test",
        hsts: { maxAge: "1d" },
        routes: [
          { path: "/api", to: "app", responseHeaders: { set: { server: "edge" }, add: { vary: "x-a" } } },
          { path: "/old", redirect: { prefix: "/new" } },
          { path: "/gone", respond: { status: 410, body: "gone\n" } },
        ],
      },
    ],
    backends: { app: { servers: ["10.0.0.7:8080"], health: false } },
    stats: false,
  });
  if (plan === undefined || haproxy === undefined) throw new Error("no plan, or no HAProxy");
  let pair: Pair | undefined;
  await withLab(plan, haproxy, async (lab, client) => {
    ({ pair } = await compareOn(lab, client, request));
  });
  if (pair === undefined) throw new Error("HAProxy did not start");
  return pair;
}

const whatDiffers = ({ answer }: Pair, decision: Decision) =>
  disagreements(decision, answer).map(({ what }) => what);

it("detects another backend, method, target, header, and another edit of the response", async () => {
  const pair = await pairFor(REQUEST);
  const { decision } = pair;
  const { seen, response } = decision;
  if (seen === null) throw new Error("not forwarded");
  expect(whatDiffers(pair, decision)).toEqual([]);
  expect(
    whatDiffers(pair, { ...decision, backends: [{ backend: "other", pool: "other", weight: 1 }] }),
  ).toEqual(["backend"]);
  expect(whatDiffers(pair, { ...decision, backends: [], seen: null, status: 404 })).toContain("backend");
  expect(whatDiffers(pair, { ...decision, seen: { ...seen, method: "HEAD" } })).toEqual(["method seen"]);
  expect(whatDiffers(pair, { ...decision, seen: { ...seen, target: "/api/x" } })).toEqual(["target seen"]);
  expect(
    whatDiffers(pair, { ...decision, seen: { ...seen, headers: [...seen.headers, ["x-b", ""]] } }),
  ).toEqual(["header x-b seen"]);
  expect(whatDiffers(pair, { ...decision, seen: { ...seen, headers: seen.headers.toReversed() } })).toEqual([
    "header x-a seen",
  ]);
  expect(
    whatDiffers(pair, { ...decision, response: { ...response, remove: [{ name: "content-type" }] } }),
  ).toEqual(["header content-type"]);
  expect(
    whatDiffers(pair, { ...decision, response: { ...response, add: [{ name: "vary", value: "x-b" }] } }),
  ).toEqual(["header vary"]);
  expect(whatDiffers(pair, { ...decision, response: { ...response, set: [] } })).toEqual([
    "header strict-transport-security",
  ]);
});

it("detects another status, location and body", async () => {
  const redirected = await pairFor({ ...REQUEST, target: "/old/x" });
  expect(whatDiffers(redirected, redirected.decision)).toEqual([]);
  expect(whatDiffers(redirected, { ...redirected.decision, status: 301 })).toEqual(["status"]);
  expect(whatDiffers(redirected, { ...redirected.decision, location: "/new" })).toEqual(["location"]);
  const answered = await pairFor({ ...REQUEST, target: "/gone" });
  expect(whatDiffers(answered, answered.decision)).toEqual([]);
  expect(whatDiffers(answered, { ...answered.decision, body: "gone" })).toEqual(["body"]);
});

it("detects a connection without a response", async () => {
  const pair = await pairFor(REQUEST);
  expect(disagreements(pair.decision, { ...pair.answer, refused: "reset" }).map(({ hop }) => hop)).toEqual([
    "connection",
  ]);
});
