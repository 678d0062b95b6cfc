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
        why: "With `verify: false` HAProxy accepts any certificate: whoever answers at the address, or sits on the network path, reads and changes every request and its credentials.",
        remedy:
          "Leave `verify: false` out, or name the CA that signs the certificates: `verify: /path/to/ca.crt`.",
        at: [at(["backends", name, "tls", "verify"]) ?? place],
      })),
};
