// internal-shares-proxy-port: internal callers on a port that takes only connections with a PROXY header.
import type { PlanRule } from "../plan-rule.ts";

export const internalSharesProxyPort: PlanRule = {
  code: "internal-shares-proxy-port",
  severity: "error",
  check({ plan, at }) {
    return plan.listeners
      .filter(
        ({ internalHostPrefix, proxyProtocol }) =>
          internalHostPrefix !== null && proxyProtocol.value !== "none",
      )
      .map(({ name, at: place }) => ({
        what: `internal callers share the ${name} port, which expects PROXY headers`,
        why: "They connect themselves and send none: HAProxy ends every such connection before it reads the request.",
        remedy: `Leave \`sharesPublicPort\` out, so that they get a port of their own; or write \`proxyProtocol: { ${name}: none }\`, and lose the clients' addresses there.`,
        at: [at(["internal", "sharesPublicPort"], { key: true }) ?? place, at(["public", "loadBalancer"])],
      }));
  },
};
