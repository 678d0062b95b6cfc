// proxy-protocol-not-per-port: PROXY protocol on some ports of a load balancer that has one switch for all.
import type { PlanRule } from "../plan-rule.ts";
import { serviceProvider } from "../service-provider.ts";
import { listOf } from "../wording.ts";

export const proxyProtocolNotPerPort: PlanRule = {
  code: "proxy-protocol-not-per-port",
  severity: "error",
  check({ plan, at }) {
    const provider = serviceProvider(plan);
    const { ports } = plan.loadBalancer;
    if (provider?.proxy?.perPort !== false) return [];
    if (new Set(ports.map(({ proxyProtocol }) => proxyProtocol)).size < 2) return [];
    const without = ports.filter(({ proxyProtocol }) => proxyProtocol === "none");
    const stats = without.some(({ listener }) => listener === "stats");
    return [
      {
        what: `${provider.title} speaks PROXY on all ports or on none, and ${listOf((without.length > 0 ? without : ports).map(({ listener }) => listener))} would differ`,
        why: "The load balancer sends one kind of header to every port: on those that do not expect it each connection begins with bytes that are no request.",
        remedy: stats
          ? "Keep the stats page inside the cluster: leave `stats.public` out."
          : "Write one `proxyProtocol` for all ports, or leave it out.",
        at: [at(stats ? ["stats", "public"] : ["public", "loadBalancer", "proxyProtocol"])],
      },
    ];
  },
};
