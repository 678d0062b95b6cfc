// load-balancer-cannot-terminate-tls: TLS termination at a load balancer that cannot terminate it.
import type { PlanRule } from "../plan-rule.ts";
import { serviceProvider } from "../service-provider.ts";

export const loadBalancerCannotTerminateTls: PlanRule = {
  code: "load-balancer-cannot-terminate-tls",
  severity: "error",
  check({ plan, edge, at }) {
    const { service, ports } = plan.loadBalancer;
    const https = ports.find(({ protocol }) => protocol === "tls");
    if (service === null || https === undefined) return [];
    const provider = serviceProvider(plan);
    // A plain Service with annotations of its own: they may say what Portico does not know.
    if (provider === null && described(edge?.public?.loadBalancer)) return [];
    const place = [at(["public", "tls", "terminatedAt"]), at(["public", "loadBalancer"])];
    const why =
      "HAProxy takes plain requests on its https port and believes that they came by HTTPS: browsers that begin TLS there get an error.";
    if (provider === null)
      return [
        {
          what: "TLS ends at a load balancer that nobody tells to end it",
          why,
          remedy:
            "Write `terminatedAt: haproxy` with certificates, or say whose load balancer it is: `loadBalancer: { kind: service, provider: … }`.",
          at: place,
        },
      ];
    if (provider.tls === null)
      return [
        {
          what: `the load balancer of ${provider.title} cannot end TLS for HAProxy: ${provider.tlsNote ?? "no annotation is documented"}`,
          why,
          remedy: "Write `terminatedAt: haproxy` with certificates.",
          at: place,
        },
      ];
    if (https.certificate !== null) return [];
    return [
      {
        what: "the load balancer is to end TLS, and has no certificate",
        why: "Without one it opens a port without TLS, or none at all.",
        remedy: `Write \`certificate\`: ${provider.tls.certificate}.`,
        at: place,
      },
    ];
  },
};

function described(loadBalancer: unknown): boolean {
  return typeof loadBalancer === "object" && loadBalancer !== null && "annotations" in loadBalancer;
}
