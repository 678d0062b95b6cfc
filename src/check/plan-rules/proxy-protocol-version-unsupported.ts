// proxy-protocol-version-unsupported: PROXY protocol version that the load balancer does not support.

import type { LoadBalancerKind, Plan, ProxyProtocol } from "../../plan/plan.ts";
import type { PlanRule } from "../rule.ts";
import { serviceProvider } from "../service-provider.ts";

/**
 * "Elastic Load Balancing uses Proxy Protocol version 1" (AWS, Classic Load Balancers, proxy protocol support); "Network Load Balancers use
 * proxy protocol version 2" (AWS, Network Load Balancers, target groups).
 */
const SUPPORTED: Partial<
  Readonly<Record<LoadBalancerKind, { readonly name: string; readonly versions: readonly ProxyProtocol[] }>>
> = {
  "aws-classic-elb": { name: "a classic ELB", versions: ["v1"] },
  "aws-nlb": { name: "an NLB", versions: ["v2"] },
  // It sends the client address in a request header.
  http: { name: "an HTTP load balancer", versions: [] },
};

export const proxyProtocolVersionUnsupported: PlanRule = {
  code: "proxy-protocol-version-unsupported",
  severity: "error",
  check({ plan, at }) {
    const supported = supportedBy(plan);
    if (supported === undefined) return [];
    const wrong = plan.loadBalancer.ports.filter(
      ({ proxyProtocol }) => proxyProtocol !== "none" && !supported.versions.includes(proxyProtocol),
    );
    return wrong.slice(0, 1).map(({ listener, proxyProtocol }) => ({
      what: `${supported.name} does not support PROXY protocol ${proxyProtocol}`,
      why: `It supports ${supported.versions.length === 0 ? "no PROXY protocol" : `${supported.versions.join(" and ")} only`}, so the load balancer cannot be created as described.`,
      remedy:
        supported.versions.length === 0
          ? "Remove `proxyProtocol`."
          : `Write \`proxyProtocol: ${supported.versions[0]}\`, or remove it.`,
      at: [
        at(["public", "loadBalancer", "proxyProtocol", listener]) ??
          at(["public", "loadBalancer", "proxyProtocol"]),
      ],
    }));
  },
};

/** undefined: not known, such as a provider whose documentation names no version. */
function supportedBy(
  plan: Plan,
): { readonly name: string; readonly versions: readonly ProxyProtocol[] } | undefined {
  const kind = SUPPORTED[plan.loadBalancer.kind];
  if (kind !== undefined) return kind;
  const provider = serviceProvider(plan);
  if (provider === undefined || provider.proxy?.versions.length === 0) return undefined;
  return { name: `the load balancer of ${provider.title}`, versions: provider.proxy?.versions ?? [] };
}
