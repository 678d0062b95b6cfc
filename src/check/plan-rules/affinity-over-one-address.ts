// affinity-over-one-address: described hashing over one server address, which needs no rendered line.
import type { PlanRule } from "../rule.ts";

export const hashingOverOneAddress: PlanRule = {
  code: "affinity-over-one-address",
  severity: "warning",
  check: ({ plan, edge, at }) =>
    plan.backends.flatMap(({ name, variantOf, servers, at: place }) => {
      const balance = edge?.backends?.[name]?.balance;
      const hashes = balance === "source" || typeof balance === "object";
      if (variantOf !== null || servers.length > 1 || servers[0]?.slots != null || !hashes) return [];
      return {
        what: `\`balance\` of \`${name}\` has only one server address`,
        why: servers[0]?.resolved
          ? "Behind the Service address, kube-proxy chooses a pod for each new connection and ignores hashes: clients do not stay with their pod."
          : "With one server, every client uses it anyway.",
        remedy: servers[0]?.resolved
          ? "Make the Service headless and write `endpoints: headless`, set `sessionAffinity: ClientIP` on the Service, or remove `balance`."
          : "Add the other servers, or remove `balance`.",
        at: [at(["backends", name, "balance"], { key: true }) ?? place],
      };
    }),
};
