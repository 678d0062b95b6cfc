// affinity-over-one-address: session affinity over a single Service address.

import type { Edge } from "../../plan/lowering.ts";
import type { PlanRule } from "../rule.ts";

export const affinityOverOneAddress: PlanRule = {
  code: "affinity-over-one-address",
  severity: "warning",
  check({ plan, edge, at }) {
    return plan.backends.flatMap(({ name, variantOf, servers, sticky, at: place }) => {
      if (variantOf !== null || servers.length > 1 || servers[0]?.slots != null) return [];
      const hashed = hashes(edge, name) ? "balance" : undefined;
      const key = sticky !== null ? "sticky" : hashed;
      if (key === undefined) return [];
      const service = servers[0]?.resolved === true;
      return {
        what: `\`${key}\` of \`${name}\` has only one server address`,
        why: service
          ? "Behind the Service address, kube-proxy chooses a pod for each new connection and ignores cookies and hashes: clients do not stay with their pod."
          : "With one server, every client uses it anyway.",
        remedy: service
          ? `Make the Service headless and write \`endpoints: headless\`, set \`sessionAffinity: ClientIP\` on the Service, or remove \`${key}\`.`
          : `Add the other servers, or remove \`${key}\`.`,
        at: [at(["backends", name, key], { key: true }) ?? place],
      };
    });
  },
};

function hashes(edge: Edge | undefined, name: string): boolean {
  const balance = edge?.backends?.[name]?.balance;
  return balance === "source" || typeof balance === "object";
}
