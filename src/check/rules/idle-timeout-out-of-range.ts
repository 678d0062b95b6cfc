// idle-timeout-out-of-range: an idle timeout that AWS does not accept.
import { formatDurationMs } from "../../plan/durations.ts";
import type { LoadBalancerKind } from "../../plan/plan.ts";
import { NLB_TLS_IDLE_S } from "../../providers/aws/load-balancers.ts";
import type { CheckContext, Rule, RuleFinding } from "../rule.ts";

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
    const { kind, idleTimeoutMs, ports } = plan.loadBalancer;
    const endsTls = ports.some(({ protocol }) => protocol === "tls");
    if (kind === "aws-nlb" && endsTls)
      return idleTimeoutMs.value === 1000 * NLB_TLS_IDLE_S ? [] : [fixed(at)];
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

/** AWS: "Update the TCP idle timeout for your Network Load Balancer listener", considerations. */
function fixed(at: CheckContext["at"]): RuleFinding {
  return {
    what: `an NLB that ends TLS has an idle timeout of ${NLB_TLS_IDLE_S} s, and no other`,
    why: "AWS lets it be set for TCP listeners alone: HAProxy's timeouts would be chosen for one that is not there.",
    remedy: "Leave `idleTimeout` out, or let TLS end at HAProxy.",
    at: [at(["public", "loadBalancer", "idleTimeout"])],
  };
}
