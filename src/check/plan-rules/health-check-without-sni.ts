// health-check-without-sni: TLS health check without a server name (SNI).
import type { PlanRule } from "../rule.ts";

export const healthCheckWithoutSni: PlanRule = {
  code: "health-check-without-sni",
  severity: "note",
  check({ plan, at }) {
    return plan.backends
      .filter(
        ({ variantOf, tls, health }) =>
          variantOf === null && health.kind !== "none" && tls?.checkSni === null,
      )
      .map(({ name, at: place }) => ({
        what: `health checks of \`${name}\` send no server name (SNI)`,
        why: "Requests send their Host as the server name and may have any Host, and the servers are IP addresses. A server that requires a server name fails every check, and gets no requests.",
        remedy:
          "Write the name of the servers' certificate: `tls: { sni: … }` for requests and checks, or `health: { path: …, host: … }` for checks alone.",
        at: [at(["backends", name, "tls"], { key: true }) ?? place],
      }));
  },
};
