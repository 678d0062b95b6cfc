// proxy-version-unsupported: a PROXY protocol version that the load balancer does not speak.

import type { LoadBalancerKind, ProxyProtocol } from "../../plan/plan.ts";
import type { Rule } from "../rule.ts";

/**
 * "Elastic Load Balancing uses Proxy Protocol version 1" (AWS, Classic Load Balancers, proxy protocol support); "Network Load Balancers use
 * proxy protocol version 2" (AWS, Network Load Balancers, target groups).
 */
const SPOKEN: Partial<
  Readonly<Record<LoadBalancerKind, { readonly name: string; readonly version: ProxyProtocol }>>
> = {
  "aws-classic-elb": { name: "a classic ELB", version: "v1" },
  "aws-nlb": { name: "an NLB", version: "v2" },
};

export const proxyVersionUnsupported: Rule = {
  code: "proxy-version-unsupported",
  severity: "error",
  about: "PROXY protocol versions that the load balancer cannot speak",
  check({ plan, at }) {
    const spoken = SPOKEN[plan.loadBalancer.kind];
    if (spoken === undefined) return [];
    const wrong = plan.loadBalancer.ports.filter(
      ({ proxyProtocol }) => proxyProtocol !== "none" && proxyProtocol !== spoken.version,
    );
    return wrong.slice(0, 1).map(({ listener, proxyProtocol }) => ({
      what: `${spoken.name} does not speak PROXY ${proxyProtocol}`,
      why: `It knows ${spoken.version} alone, so that no load balancer can be made as described.`,
      remedy: `Write \`proxyProtocol: ${spoken.version}\`, or leave it out.`,
      at: [
        at(["public", "loadBalancer", "proxyProtocol", listener]) ??
          at(["public", "loadBalancer", "proxyProtocol"]),
      ],
    }));
  },
};
