// Random entrances: load balancers, TLS, plain ports, allow lists, and in-cluster clients.
import fc from "fast-check";
import type { Edge } from "../../src/description/define-edge.ts";
import { rarely } from "./chance.ts";

type Public = NonNullable<Edge["public"]>;

export interface Entrances {
  readonly public: Public;
  readonly internal: { readonly hosts: readonly string[] } | { readonly prefix: string } | undefined;
  readonly internalOnly: boolean;
}

const NETWORKS = [
  "203.0.113.7",
  "203.0.113.0/24",
  "10.0.0.0/8",
  "0.0.0.0/0",
  "::/0",
  "2001:db8::/32",
  "2001:db8::1",
  "fd00::/8",
  "127.0.0.0/8",
  "198.51.100.8/29",
  "0.0.0.0/1",
  "::ffff:10.0.0.0/104",
] as const;

/** For allow and deny lists. */
export const networks = fc.oneof(
  { weight: 12, arbitrary: fc.shuffledSubarray([...NETWORKS], { minLength: 1, maxLength: 3 }) },
  // More than fit into one line of HAProxy's configuration.
  {
    weight: 1,
    arbitrary: fc
      .shuffledSubarray([...NETWORKS], { minLength: 1, maxLength: 2 })
      .map((few) => [...few, ...Array.from({ length: 30 }, (_, index) => `192.0.${index}.0/24`)]),
  },
);

const AT_HAPROXY = {
  terminatedAt: "haproxy",
  certificates: [{ file: "/etc/haproxy/tls/site.pem" }],
} as const;

/** HTTP load balancers terminate TLS themselves, and load balancers of these providers cannot. */
function tlsOf<T>(path: { readonly loadBalancer?: unknown }, tls: T) {
  if (readsRequests(path)) return { terminatedAt: "loadBalancer" } as const;
  return kindOf(path) === "service" ? AT_HAPROXY : tls;
}

const publicEntrance: fc.Arbitrary<Public> = fc
  .record({
    loadBalancer: fc.oneof(
      fc.constantFrom("service", "none"),
      fc.constantFrom(
        { kind: "aws-classic-elb", sources: ["10.0.0.0/16"] } as const,
        { kind: "aws-classic-elb", sources: ["10.0.0.0/8", "fd12::/16"] } as const,
        { kind: "aws-nlb", sources: ["10.0.0.0/16"] } as const,
      ),
      fc.constantFrom(
        { kind: "service", provider: "google" } as const,
        { kind: "service", provider: "hetzner" } as const,
      ),
      fc.constant({
        kind: "aws-nlb",
        sources: ["10.0.0.0/16"],
        proxyProtocol: { http: "v1", https: "v2" },
      } as const),
      fc.constant({ kind: "http" as const, sources: ["10.0.1.0/24", "10.0.2.0/24"] }),
    ),
    tls: rarely(
      fc.constantFrom(
        { terminatedAt: "loadBalancer" } as const,
        { terminatedAt: "loadBalancer" } as const,
        AT_HAPROXY,
      ),
      2,
    ),
    plainHttp: rarely(fc.constantFrom("redirect", "serve", "off", { redirect: 308 }, { redirect: 302 }), 2),
    allow: rarely(
      fc
        .tuple(networks, fc.constantFrom(["203.0.113.0/24", "127.0.0.0/8"], ["127.0.0.1/8"], ["0.0.0.0/0"]))
        // With IPv6 networks only, no client reaches a load balancer that has IPv4 addresses.
        .map(([list, own]) => [...own, ...list]),
      4,
    ),
    trustedHeaders: rarely(
      fc.constantFrom(["CF-Connecting-IP"], ["x-real-ip", "X-Forwarded-Host", "True-Client-IP"]),
      4,
    ),
    ports: rarely(fc.constantFrom({ http: 8000, https: 8443 }, { https: 444 }), 5),
  } as const)
  .map(
    ({ tls, plainHttp, ...rest }) =>
      ({
        ...rest,
        tls: tls === undefined ? undefined : tlsOf(rest, tls),
        plainHttp: tls === undefined ? (plainHttp === undefined ? undefined : "serve") : plainHttp,
      }) as Public,
  );

export function readsRequests(path: { readonly loadBalancer?: unknown }): boolean {
  return kindOf(path) === "http";
}

/** For a load balancer with a detailed description. */
function kindOf({ loadBalancer }: { readonly loadBalancer?: unknown }): unknown {
  return typeof loadBalancer === "object" && loadBalancer !== null
    ? Reflect.get(loadBalancer, "kind")
    : undefined;
}

export const entrances: fc.Arbitrary<Entrances> = fc.record({
  public: publicEntrance,
  internal: rarely(
    fc.oneof(
      {
        weight: 3,
        arbitrary: fc.record({
          hosts: fc.shuffledSubarray(["haproxy-service", "edge.internal", "Edge"], { maxLength: 2 }),
        }),
      },
      { weight: 1, arbitrary: fc.record({ prefix: fc.constantFrom("haproxy", "HAProxy", "a.", "b") }) },
    ),
    3,
  ),
  internalOnly: fc.nat(19).map((draw) => draw === 0),
});
