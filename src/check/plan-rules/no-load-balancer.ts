// no-load-balancer: TLS or PROXY headers expected from a load balancer that does not exist.
import type { PlanRule } from "../rule.ts";

export const noLoadBalancer: PlanRule = {
  code: "no-load-balancer",
  severity: "warning",
  check({ plan, at }) {
    if (plan.loadBalancer.kind !== "none") return [];
    return plan.loadBalancer.ports.flatMap(({ listener, protocol, proxyProtocol }) => {
      if (listener === "stats") return [];
      if (protocol === "tls") {
        return {
          what: "TLS is terminated at the load balancer, and there is none",
          why: "HAProxy reads plain HTTP on its HTTPS port: browsers that start TLS there get an error.",
          remedy: "Write `terminatedAt: haproxy` with certificates, or describe the load balancer in front.",
          at: [at(["public", "tls", "terminatedAt"]), at(["public", "loadBalancer"])],
        };
      }
      if (proxyProtocol === "none") return [];
      return {
        what: `the ${listener} port expects PROXY headers, and no load balancer sends them`,
        why: "Clients that connect directly send no PROXY header, and HAProxy closes their connections.",
        remedy: "Remove `proxyProtocol`, or describe the load balancer in front.",
        at: [at(["public", "loadBalancer", "proxyProtocol"]), at(["public", "loadBalancer", "kind"])],
      };
    });
  },
};
