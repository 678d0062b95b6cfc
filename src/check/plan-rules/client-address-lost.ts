// client-address-lost: load balancer does not send the client address.
import type { PlanRule } from "../plan-rule.ts";
import { opensOwnConnections, serviceProvider } from "../service-provider.ts";

export const clientAddressLost: PlanRule = {
  code: "client-address-lost",
  severity: "warning",
  check({ plan, at }) {
    const who = opensOwnConnections(plan);
    if (who === null) return [];
    const version = serviceProvider(plan)?.proxy?.versions[0] ?? "v1";
    return plan.listeners
      .filter(
        ({ entrance, does, proxyProtocol }) =>
          entrance === "public" && does === "serve" && proxyProtocol.value === "none",
      )
      .map(({ name }) => ({
        what: `the client's address is lost on the ${name} port`,
        why: `${capitalised(who)} opens a connection of its own and says who the client is by a PROXY header alone: without it logs and X-Forwarded-For name the load balancer for every request.`,
        remedy: `Leave \`proxyProtocol\` out, or write \`proxyProtocol: { ${name}: ${version} }\`.`,
        at: [
          at(["public", "loadBalancer", "proxyProtocol", name]) ??
            at(["public", "loadBalancer", "proxyProtocol"]),
        ],
      }));
  },
};

function capitalised(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}
