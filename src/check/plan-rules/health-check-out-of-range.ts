// health-check-out-of-range: health check outside the range of the load balancer.
import { formatDurationMs } from "../../plan/durations.ts";
import { type AwsLoadBalancer, awsLoadBalancer, type Range } from "../../providers/aws/load-balancers.ts";
import type { CheckContext, PlanRule, RuleFindings } from "../rule.ts";

export const healthCheckOutOfRange: PlanRule = {
  code: "health-check-out-of-range",
  severity: "error",
  check(context) {
    const { loadBalancer } = context.plan;
    const aws = awsLoadBalancer(loadBalancer.kind);
    if (aws === undefined) return [];
    const { intervalMs, timeoutMs } = loadBalancer.healthCheck;
    return [
      outside(context, aws, "interval", intervalMs.value, aws.health.intervalS),
      outside(context, aws, "timeout", timeoutMs.value, aws.health.timeoutS),
      timeoutMs.value < intervalMs.value
        ? []
        : {
            what: `the health check has a timeout of ${formatDurationMs(timeoutMs.value)} and an interval of ${formatDurationMs(intervalMs.value)}`,
            why: "AWS rejects a timeout that is not shorter than the interval.",
            remedy: "Write a shorter `timeout`, or a longer `interval`.",
            at: [place(context, "timeout") ?? place(context, "interval")],
          },
    ].flat();
  },
};

function outside(
  context: CheckContext,
  { name }: AwsLoadBalancer,
  key: "interval" | "timeout",
  ms: number,
  { least, most }: Range,
): RuleFindings {
  const seconds = ms / 1000;
  if (Number.isInteger(seconds) && seconds >= least && seconds <= most) return [];
  return {
    what: `\`${key}\` of the health check of ${name} cannot be ${formatDurationMs(ms)}`,
    why: `AWS accepts whole seconds from ${least} to ${most}, and rejects the load balancer.`,
    remedy: `Write \`${key}: ${Math.min(most, Math.max(least, Math.round(seconds)))}s\`.`,
    at: [place(context, key)],
  };
}

function place({ at }: CheckContext, key: string) {
  return at(["public", "loadBalancer", "healthCheck", key]);
}
