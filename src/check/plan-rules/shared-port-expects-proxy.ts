// shared-port-expects-proxy: `sharesPublicPort` on a port that expects PROXY headers.
import type { PlanRule } from "../rule.ts";

export const sharedPortExpectsProxy: PlanRule = {
  code: "shared-port-expects-proxy",
  severity: "error",
  check({ plan, at }) {
    return plan.listeners
      .filter(
        ({ internalHostPrefix, proxyProtocol }) =>
          internalHostPrefix !== null && proxyProtocol.value !== "none",
      )
      .map(({ name, at: place }) => ({
        what: `in-cluster clients share the ${name} port, which expects PROXY headers`,
        why: "In-cluster clients connect directly and send no PROXY header: HAProxy closes each of their connections before it reads the request.",
        remedy: `Remove \`sharesPublicPort\`, so that in-cluster clients get a port of their own; or write \`proxyProtocol: { ${name}: none }\`, which loses the client addresses on that port.`,
        at: [at(["internal", "sharesPublicPort"], { key: true }) ?? place, at(["public", "loadBalancer"])],
      }));
  },
};
