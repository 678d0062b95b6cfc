// unknown-tls-policy: TLS policy that is not known for this load balancer.
import { nearest } from "../../findings/nearest.ts";
import { awsLoadBalancer } from "../../providers/aws/load-balancers.ts";
import type { PlanRule } from "../plan-rule.ts";

export const unknownTlsPolicy: PlanRule = {
  code: "unknown-tls-policy",
  severity: "warning",
  check({ plan, at }) {
    const aws = awsLoadBalancer(plan.loadBalancer.kind);
    const policy = plan.cloud?.listeners.find(({ tlsPolicy }) => tlsPolicy !== null)?.tlsPolicy?.value;
    if (aws === null || policy === undefined || aws.tlsPolicies.includes(policy)) return [];
    const near = nearest(policy, aws.tlsPolicies);
    return [
      {
        what: `${aws.name} is not known to have a TLS policy \`${policy}\``,
        why: "Each kind of load balancer has policies of its own; one that it does not have is refused, and the listener is not made.",
        remedy: `${near === undefined ? "" : `Did you mean \`${near}\`? `}AWS recommends \`${aws.recommendedTlsPolicy}\`, which is taken where \`tlsPolicy\` is left out.`,
        at: [at(["public", "loadBalancer", "aws", "tlsPolicy"])],
      },
    ];
  },
};
