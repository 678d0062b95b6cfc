// proxy-protocol-not-per-port: PROXY protocol on some ports of a load balancer that has one switch for all.
import type { PlanRule } from "../rule.ts";
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
    return {
      what: `${provider.title} sends PROXY headers to all ports or to none, and ${listOf((without.length > 0 ? without : ports).map(({ listener }) => listener))} would differ`,
      why: "The load balancer sends the header to every port. On a port that does not expect it, each connection starts with invalid bytes.",
      remedy: stats
        ? "Remove `stats.public`, which keeps the stats page inside the cluster."
        : "Write one `proxyProtocol` for all ports, or remove it.",
      at: [at(stats ? ["stats", "public"] : ["public", "loadBalancer", "proxyProtocol"])],
    };
  },
};
