// internal-shares-public-port: in-cluster clients identified by a Host header that any client can send.
import type { PlanRule } from "../rule.ts";

export const internalSharesPublicPort: PlanRule = {
  code: "internal-shares-public-port",
  severity: "warning",
  check({ plan, at }) {
    return plan.listeners
      .filter(({ internalHostPrefix }) => internalHostPrefix !== null)
      .map(({ internalHostPrefix, internalHostSite, httpsRedirect, at: place }) => ({
        what: `a request whose Host begins with \`${internalHostPrefix ?? ""}\` is treated as one of an in-cluster client`,
        why: `The port is public, and any client can send that Host: the request gets the routes of \`${internalHostSite ?? ""}\`${httpsRedirect !== null ? " over plain HTTP, without the redirect to HTTPS" : ""}.`,
        remedy:
          "Give in-cluster clients a port of their own: `internal: { hosts: [...] }` without `sharesPublicPort`.",
        at: [at(["internal", "sharesPublicPort"], { key: true }) ?? place],
      }));
  },
};
