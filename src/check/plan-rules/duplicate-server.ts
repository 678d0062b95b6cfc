// duplicate-server: same server address twice in one backend.
import type { PlanRule, PlanRuleFinding } from "../plan-rule.ts";

export const duplicateServer: PlanRule = {
  code: "duplicate-server",
  severity: "warning",
  check({ plan, at }) {
    return plan.backends.flatMap(({ name, variantOf, servers, at: place }) => {
      const first = new Map<string, number>();
      if (variantOf !== null) return [];
      return servers.flatMap(({ host, port }, index): PlanRuleFinding[] => {
        const address = `${host}:${port}`;
        const before = first.get(address);
        if (before === undefined) {
          first.set(address, index);
          return [];
        }
        return [
          {
            what: `\`${name}\` has ${address} twice`,
            why: "It is checked twice and gets a double share of the requests; a retry on another server may land on the same.",
            remedy: "Remove one; for a larger share write a `weight`.",
            at: [
              at(["backends", name, "servers", index]) ?? place,
              at(["backends", name, "servers", before]),
            ],
          },
        ];
      });
    });
  },
};
