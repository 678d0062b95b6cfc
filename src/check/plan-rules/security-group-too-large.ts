// security-group-too-large: more allowed networks than rules in a security group.
import type { PlanRule } from "../rule.ts";

/** Amazon VPC User Guide, "Amazon VPC quotas": 60 inbound rules a security group, counted by network and port. */
const QUOTA = 60;

export const securityGroupTooLarge: PlanRule = {
  code: "security-group-too-large",
  severity: "warning",
  check({ plan: { cloud }, at }) {
    if (cloud === null) return [];
    const { clients, listeners } = cloud;
    const rules = clients.value.length * listeners.length;
    if (rules <= QUOTA) return [];
    return {
      what: `the load balancer's security group needs ${rules} rules: ${clients.value.length} networks for ${listeners.length} ports`,
      why: `AWS allows ${QUOTA} rules by default, and rejects the security group if the quota of the account is not raised.`,
      remedy: "Combine networks of `allow` into larger ones, or request a higher quota.",
      at: [at(["public", "allow"])],
    };
  },
};
