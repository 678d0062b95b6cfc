// balance-over-one-address: load balancing over a single Service address.
import type { PlanRule } from "../plan-rule.ts";

export const balanceOverOneAddress: PlanRule = {
  code: "balance-over-one-address",
  severity: "warning",
  check({ plan, edge, at }) {
    return plan.backends.flatMap(({ name, variantOf, servers, at: place }) => {
      const balance = edge?.backends?.[name]?.balance;
      const [server] = servers;
      // Hashes are affinity-over-one-address's.
      if (variantOf !== null || typeof balance !== "string" || balance === "source") return [];
      if (servers.length !== 1 || server === undefined || server.slots !== null) return [];
      return [
        {
          what: `\`balance: ${balance}\` of \`${name}\` has one address to choose from`,
          why: server.resolved
            ? `HAProxy connects to the Service's address; kube-proxy chooses the pod, at random for each connection, and a connection stays with its pod. ${balance === "leastconn" ? "The slowest pod gets as many connections as the fastest." : "Nothing is balanced by HAProxy."}`
            : "With one server there is nothing to choose.",
          remedy: server.resolved
            ? `Make the Service headless (\`clusterIP: None\`) and write \`endpoints: headless\`, so that HAProxy sees each pod; or leave \`balance\` out.`
            : "Add the other servers, or leave `balance` out.",
          at: [at(["backends", name, "balance"], { key: true }) ?? place],
        },
      ];
    });
  },
};
