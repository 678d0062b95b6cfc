// Which clients the NetworkPolicy admits on the public ports: the described sources if HAProxy refuses all others.
import { expect, test } from "vitest";
import type { Edge } from "../../src/description/define-edge.ts";
import { planned, site } from "../model/planned.ts";

const SOURCES = ["10.20.0.0/24"];
const from = (more: Partial<Edge>) =>
  planned({ sites: site([{ to: "app" }]), ...more }).kubernetes.networkPolicy?.publicFrom.value;

test.each<[string, Partial<Edge>, readonly string[]]>([
  ["described sources", { public: { loadBalancer: { kind: "aws-classic-elb", sources: SOURCES } } }, SOURCES],
  ["default sources", { public: { loadBalancer: { kind: "service", proxyProtocol: "v1" } } }, []],
  [
    "sources that include any client",
    { public: { loadBalancer: { kind: "aws-classic-elb", sources: ["0.0.0.0/0"] } } },
    [],
  ],
  [
    "a port to which clients connect directly",
    {
      public: {
        loadBalancer: { kind: "aws-nlb", sources: SOURCES, proxyProtocol: { http: "none", https: "v2" } },
        tls: { terminatedAt: "loadBalancer" },
      },
    },
    [],
  ],
  [
    "a public stats page, which trusts no header",
    {
      public: { loadBalancer: { kind: "aws-classic-elb", sources: SOURCES } },
      stats: { public: true, user: { name: "a", password: "b" } },
    },
    [],
  ],
  [
    "described networks",
    {
      public: { loadBalancer: { kind: "aws-classic-elb", sources: SOURCES } },
      kubernetes: { networkPolicy: { publicFrom: ["10.30.0.0/24"] } },
    },
    ["10.30.0.0/24"],
  ],
])("with %s", (_, more, expected) => {
  expect(from(more)).toEqual(expected);
});
