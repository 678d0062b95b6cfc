// server-certificate-unverified: server certificate that HAProxy does not verify.
import type { PlanRule } from "../plan-rule.ts";

export const serverCertificateUnverified: PlanRule = {
  code: "server-certificate-unverified",
  severity: "warning",
  check: ({ plan, at }) =>
    plan.backends
      .filter(({ variantOf, tls }) => variantOf === null && tls?.verify === "none")
      .map(({ name, at: place }) => ({
        what: `HAProxy does not verify the certificates of the servers of \`${name}\``,
        why: "With `verify: false` HAProxy accepts any certificate: a host that takes over the address, or an attacker on the network path, can read and change every request and its credentials.",
        remedy:
          "Write `tls: { ca: { secret: NAME } }` with the CA that signs the certificates; or remove `verify: false` if one of the system's CAs signs them.",
        at: [at(["backends", name, "tls", "verify"]) ?? place],
      })),
};
