// internal-access-by-host: callers inside the cluster told apart by a header that anyone can write.
import type { PlanRule } from "../plan-rule.ts";

export const internalAccessByHost: PlanRule = {
  code: "internal-access-by-host",
  severity: "warning",
  check({ plan, at }) {
    return plan.listeners
      .filter(({ internalHostPrefix }) => internalHostPrefix !== null)
      .map(({ internalHostPrefix, internalHostSite, does, at: place }) => ({
        what: `anyone who writes a Host that begins with \`${internalHostPrefix ?? ""}\` is taken for an internal caller`,
        why: `The port is public, and a Host header can be forged: such a request gets the routes of \`${internalHostSite ?? ""}\`${does === "redirect" ? " over plain HTTP, without the redirect to HTTPS" : ""}.`,
        remedy:
          "Give internal callers a port of their own: `internal: { hosts: [...] }` without `sharesPublicPort`.",
        at: [at(["internal", "sharesPublicPort"], { key: true }) ?? place],
      }));
  },
};
