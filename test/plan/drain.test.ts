// The drain budget: detection time, in-flight requests, and the grace period are consistent for any description.
import { describe, expect, test } from "vitest";
import type { Edge } from "../../src/description/define-edge.ts";
import { planned, site } from "../model/planned.ts";
import { codesOf } from "./codes.ts";

const of = (more: Partial<Edge> = {}) => planned({ sites: site([{ to: "app" }]), ...more }).drain;

test.each<Partial<Edge>>([
  {},
  { public: { loadBalancer: { kind: "aws-classic-elb", sources: ["10.0.0.0/16"] } } },
  { public: { loadBalancer: "none" } },
  { internal: {} },
  { timeouts: { server: "5m" } },
  { kubernetes: { drain: { detection: "1500ms", hardStop: "70s" } } },
])("%j: the grace period ends after the drain", (more) => {
  const { detectionMs, graceMs, hardStopMs, gracePeriodS } = of(more);
  expect(graceMs.value).toBe(detectionMs.value);
  expect(gracePeriodS.value * 1000).toBeGreaterThanOrEqual(graceMs.value + hardStopMs.value + 5000);
});

describe("who detects that a pod terminates", () => {
  test("kube-proxy, where every node reaches every pod", () => {
    expect(
      of({ public: { loadBalancer: { kind: "aws-nlb", sources: ["10.0.0.0/16"] } } }).detectionMs.value,
    ).toBe(10_000);
    expect(of({ internal: {} }).detectionMs.value).toBe(10_000);
  });

  test("the load balancer's health check, where a node serves only its own pods", () => {
    const loadBalancer = {
      kind: "aws-nlb" as const,
      sources: ["10.0.0.0/16"],
      healthCheck: { interval: "30s", timeout: "6s", unhealthy: 3 },
    };
    const kubernetes = { externalTrafficPolicy: "Local" } as const;
    expect(of({ public: { loadBalancer }, kubernetes }).detectionMs.value).toBe(96_000);
  });
});

test("idle connections time out before the hard stop, however short requests are", () => {
  const timeouts = { client: "5s", server: "5s", keepAlive: "30s" };
  expect(of({ timeouts }).hardStopMs.value).toBe(35_000);
});

test("the drain waits twice the longest idle timeout of any route or backend", () => {
  const backends = {
    app: { servers: ["10.0.0.7:8080"] },
    slow: { servers: ["10.0.0.8:8080"], timeouts: { server: "90s" } },
  };
  expect(of({ backends }).hardStopMs.value).toBe(180_000);
  const sites = site([{ to: "app" }, { path: "/slow", to: "app", timeouts: { server: "2m" } }]);
  expect(of({ sites }).hardStopMs.value).toBe(240_000);
});

test("an impossible budget is refused; one that cuts requests is reported", () => {
  const drain = (detection: string, hardStop: string, gracePeriod: string) =>
    codesOf({ kubernetes: { drain: { detection, hardStop, gracePeriod } } });
  expect(drain("10s", "60s", "70s")).toEqual([]);
  expect(drain("10s", "60s", "69s")).toEqual(["drain-longer-than-grace"]);
  expect(codesOf({ kubernetes: { drain: { hardStop: "10s" } } })).toEqual(["hard-stop-cuts-requests"]);
});
