// unknown-tls-policy: TLS policy that is not known for this load balancer.
import { nearest } from "../../findings/nearest.ts";
import { awsLoadBalancer } from "../../providers/aws/load-balancers.ts";
import type { PlanRule } from "../rule.ts";

export const unknownTlsPolicy: PlanRule = {
  code: "unknown-tls-policy",
  severity: "warning",
  check({ plan, at }) {
    const aws = awsLoadBalancer(plan.loadBalancer.kind);
    const policy = plan.cloud?.listeners.find(({ tlsPolicy }) => tlsPolicy !== null)?.tlsPolicy?.value;
    if (aws === undefined || policy === undefined || aws.tlsPolicies.includes(policy)) return [];
    const near = nearest(policy, aws.tlsPolicies);
    return {
      what: `the TLS policy \`${policy}\` is not known for ${aws.name}`,
      why: "Each kind of load balancer has its own policies. AWS rejects a policy that does not exist, and creates no listener.",
      remedy: `${near === undefined ? "" : `Did you mean \`${near}\`? `}AWS recommends \`${aws.recommendedTlsPolicy}\`, the default without \`tlsPolicy\`.`,
      at: [at(["public", "loadBalancer", "aws", "tlsPolicy"])],
    };
  },
};
