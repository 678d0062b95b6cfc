// draining-out-of-range: draining time outside the range of the load balancer.
import { awsLoadBalancer } from "../../providers/aws/load-balancers.ts";
import type { PlanRule } from "../rule.ts";

export const drainingOutOfRange: PlanRule = {
  code: "draining-out-of-range",
  severity: "error",
  check({ plan, at }) {
    const aws = awsLoadBalancer(plan.loadBalancer.kind);
    const seconds = plan.cloud?.drainingS.value;
    if (aws === undefined || seconds === undefined) return [];
    const { least, most } = aws.drainingS;
    if (Number.isInteger(seconds) && seconds >= least && seconds <= most) return [];
    return {
      what: `\`draining\` of ${aws.name} cannot be ${seconds} s`,
      why: `AWS accepts whole seconds from ${least} to ${most}, and rejects the load balancer.`,
      remedy: "Write a `draining` in that range, or remove it.",
      at: [at(["public", "loadBalancer", "aws", "draining"])],
    };
  },
};
