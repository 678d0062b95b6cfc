// too-many-certificate-names: certificate with more names than the account's quota.
import type { PlanRule } from "../plan-rule.ts";

/** AWS Certificate Manager User Guide, "Quotas": domain names per certificate, 10 by default. */
const QUOTA = 10;

export const tooManyCertificateNames: PlanRule = {
  code: "too-many-certificate-names",
  severity: "warning",
  check({ plan, at }) {
    const certificate = plan.cloud?.certificate;
    if (certificate?.from !== "acm" || certificate.names.length <= QUOTA) return [];
    return [
      {
        what: `a certificate for ${certificate.names.length} names is asked for`,
        why: `AWS Certificate Manager puts ${QUOTA} into one, and up to 100 where the account's quota was raised; else it refuses, and the load balancer is not made.`,
        remedy:
          "Have the quota raised, or write fewer `hosts`: a wildcard covers all names one label below another.",
        at: [at(["public", "tls", "certificate"])],
      },
    ];
  },
};
