// Raw lines of a backend apply to every answer of its section, also to those that no server gives.
import { expect, test } from "vitest";
import { edge } from "../../src/description/schema/edge.ts";
import { rawBlocksOf } from "../../src/lab/agreement.ts";
import { noAnswer } from "../../src/lab/send.ts";
import { decide } from "../../src/model/decide.ts";
import { planEdge } from "../../src/plan/plan-edge.ts";

const { value: plan } = planEdge(
  edge.parse({
    edge: "limited",
    public: {
      loadBalancer: { kind: "aws-classic-elb", sources: ["10.0.0.0/16"] },
      tls: { terminatedAt: "loadBalancer" },
    },
    sites: [
      {
        host: "a.test",
        routes: [
          { path: "/upload", to: "files", maxBody: "5B" },
          { path: "/gone", respond: { status: 410 } },
        ],
      },
    ],
    backends: {
      files: {
        servers: ["10.0.0.7:8080"],
        health: false,
        raw: ["http-after-response set-header Cache-Control raw"],
      },
    },
    stats: false,
  }),
);

test.each([
  ["/upload", 413, ["the backend `files`"]],
  ["/gone", 410, []],
])("%s: %d", (target, status, sections) => {
  const listener = plan?.listeners.find(({ name }) => name === "https");
  if (plan === undefined || listener === undefined) throw new Error("no plan");
  const headers = [
    ["host", "a.test"],
    ["content-length", "6"],
  ] as const;
  const request = { listener: "https", method: "POST", target, headers, client: "203.0.113.7" };
  const decision = decide(plan, request);
  expect(decision.status).toBe(status);
  const answer = { ...noAnswer("", "203.0.113.7", "https"), status, refused: null };
  expect(rawBlocksOf(plan, listener, decision, answer).map(({ section }) => section)).toEqual(sections);
});
