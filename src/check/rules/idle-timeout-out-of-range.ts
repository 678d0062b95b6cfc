// idle-timeout-out-of-range: an idle timeout that AWS does not accept.
import { formatDurationMs } from "../../plan/durations.ts";
import type { LoadBalancerKind } from "../../plan/plan.ts";
import type { Rule } from "../rule.ts";

/** In seconds. AWS: "Configure the idle connection timeout" for Classic Load Balancers, and TCP idle timeout for Network Load Balancers. */
const RANGES: Partial<
  Readonly<Record<LoadBalancerKind, { readonly name: string; readonly least: number; readonly most: number }>>
> = {
  "aws-classic-elb": { name: "a classic ELB", least: 1, most: 4000 },
  "aws-nlb": { name: "an NLB", least: 60, most: 6000 },
};

export const idleTimeoutOutOfRange: Rule = {
  code: "idle-timeout-out-of-range",
  severity: "error",
  about: "idle timeouts that the load balancer does not take",
  check({ plan, at }) {
    const { kind, idleTimeoutMs } = plan.loadBalancer;
    const range = RANGES[kind];
    const seconds = idleTimeoutMs.value / 1000;
    if (range === undefined || (Number.isInteger(seconds) && seconds >= range.least && seconds <= range.most))
      return [];
    return [
      {
        what: `${range.name} has no idle timeout of ${formatDurationMs(idleTimeoutMs.value)}`,
        why: `AWS takes whole seconds from ${range.least} to ${range.most}; the load balancer cannot be made as described.`,
        remedy: "Write an `idleTimeout` in that range.",
        at: [at(["public", "loadBalancer", "idleTimeout"])],
      },
    ];
  },
};
