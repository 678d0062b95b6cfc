// load-balancer-cannot-terminate-tls: TLS termination at a load balancer that cannot terminate it.
import type { PlanRule } from "../rule.ts";
import { serviceProvider } from "../service-provider.ts";

export const loadBalancerCannotTerminateTls: PlanRule = {
  code: "load-balancer-cannot-terminate-tls",
  severity: "error",
  check({ plan, edge, at }) {
    const { service, ports } = plan.loadBalancer;
    const https = ports.find(({ protocol }) => protocol === "tls");
    if (service === null || https === undefined) return [];
    const provider = serviceProvider(plan);
    // A plain Service with annotations: they may configure TLS.
    if (provider === undefined && described(edge?.public?.loadBalancer)) return [];
    const place = [at(["public", "tls", "terminatedAt"]), at(["public", "loadBalancer"])];
    const why = "HAProxy reads plain HTTP on its HTTPS port: browsers that start TLS there get an error.";
    if (provider === undefined)
      return {
        what: "the load balancer terminates TLS, and no provider is described whose annotations turn it on",
        why,
        remedy:
          "Write `terminatedAt: haproxy` with certificates, or write the provider: `loadBalancer: { kind: service, provider: … }`.",
        at: place,
      };
    if (provider.tls === undefined)
      return {
        what: `the load balancer of ${provider.title} cannot terminate TLS for HAProxy: ${provider.tlsNote ?? "no annotation is documented"}`,
        why,
        remedy: "Write `terminatedAt: haproxy` with certificates.",
        at: place,
      };
    if (https.certificate !== null) return [];
    return {
      what: "the load balancer terminates TLS and has no certificate",
      why: "Without a certificate it opens a port without TLS, or no port.",
      remedy: `Write \`certificate\`: ${provider.tls.certificate}.`,
      at: place,
    };
  },
};

function described(loadBalancer: unknown): boolean {
  return typeof loadBalancer === "object" && loadBalancer !== null && "annotations" in loadBalancer;
}
