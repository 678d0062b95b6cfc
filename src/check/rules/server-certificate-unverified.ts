// server-certificate-unverified: TLS to servers without verification.
import type { Rule } from "../rule.ts";

export const serverCertificateUnverified: Rule = {
  code: "server-certificate-unverified",
  severity: "warning",
  about: "backends with `tls: { verify: false }`",
  check: ({ plan, at }) =>
    plan.backends
      .filter(({ variantOf, tls }) => variantOf === null && tls?.verify === "none")
      .map(({ name, at: place }) => ({
        what: `HAProxy does not verify the certificates of the servers of \`${name}\``,
        why: "With `verify: false` HAProxy accepts any certificate: a host that takes over the address, or an attacker on the network path, can read and change every request and its credentials.",
        remedy:
          "Remove `verify: false`, which leaves the system's CAs, or write `verify: /path/to/ca.crt` with the CA that signs the certificates.",
        at: [at(["backends", name, "tls", "verify"]) ?? place],
      })),
};
