// too-many-certificate-names: certificate with more names than the account's quota.
import type { PlanRule } from "../rule.ts";

/** AWS Certificate Manager User Guide, "Quotas": domain names per certificate, 10 by default. */
const QUOTA = 10;

export const tooManyCertificateNames: PlanRule = {
  code: "too-many-certificate-names",
  severity: "warning",
  check({ plan, at }) {
    const certificate = plan.cloud?.certificate;
    if (certificate?.from !== "acm" || certificate.names.length <= QUOTA) return [];
    return {
      what: `the requested certificate has ${certificate.names.length} names`,
      why: `AWS Certificate Manager accepts ${QUOTA} names by default, up to 100 with a higher quota, and rejects the request otherwise.`,
      remedy:
        "Request a higher quota, or write fewer `hosts`: a wildcard covers all names exactly one label below a domain.",
      at: [at(["public", "tls", "certificate"])],
    };
  },
};
