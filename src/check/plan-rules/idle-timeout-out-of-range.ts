// idle-timeout-out-of-range: idle timeout outside the range of the load balancer.
import { formatDurationMs } from "../../plan/durations.ts";
import type { LoadBalancerKind, Plan } from "../../plan/plan.ts";
import { NLB_TLS_IDLE_S } from "../../providers/aws/load-balancers.ts";
import type { CheckContext, PlanRule, RuleFinding } from "../rule.ts";
import { serviceProvider } from "../service-provider.ts";

/** In seconds. AWS: "Configure the idle connection timeout" for Classic Load Balancers, and TCP idle timeout for Network Load Balancers. */
const RANGES: Partial<
  Readonly<Record<LoadBalancerKind, { readonly name: string; readonly least: number; readonly most: number }>>
> = {
  "aws-classic-elb": { name: "a classic ELB", least: 1, most: 4000 },
  "aws-nlb": { name: "an NLB", least: 60, most: 6000 },
};

export const idleTimeoutOutOfRange: PlanRule = {
  code: "idle-timeout-out-of-range",
  severity: "error",
  check({ plan, at }) {
    const { kind, idleTimeoutMs, ports } = plan.loadBalancer;
    const terminatesTls = ports.some(({ protocol }) => protocol === "tls");
    if (kind === "aws-nlb" && terminatesTls)
      return idleTimeoutMs.value === 1000 * NLB_TLS_IDLE_S ? [] : [fixed(at)];
    const range = rangeOf(plan);
    const seconds = idleTimeoutMs.value / 1000;
    if (
      range === undefined ||
      (Number.isInteger(seconds / range.step) && seconds >= range.least && seconds <= range.most)
    )
      return [];
    const unit = range.step === 60 ? "minutes" : "seconds";
    return {
      what: `\`idleTimeout\` of ${range.name} cannot be ${formatDurationMs(idleTimeoutMs.value)}`,
      why: `${range.who} accepts whole ${unit} from ${range.least / range.step} to ${range.most / range.step}, and rejects the load balancer.`,
      remedy: "Write an `idleTimeout` in that range.",
      at: [at(["public", "loadBalancer", "idleTimeout"])],
    };
  },
};

/** AWS: "Update the TCP idle timeout for your Network Load Balancer listener", considerations. */
function fixed(at: CheckContext["at"]): RuleFinding {
  return {
    what: `the idle timeout of an NLB that terminates TLS is fixed at ${NLB_TLS_IDLE_S} s`,
    why: "AWS accepts an idle timeout for TCP listeners only: HAProxy's timeouts would follow a value that does not apply.",
    remedy: "Remove `idleTimeout`, or terminate TLS at HAProxy.",
    at: [at(["public", "loadBalancer", "idleTimeout"])],
  };
}

interface Range {
  readonly name: string;
  readonly who: string;
  readonly least: number;
  readonly most: number;
  readonly step: number;
}

function rangeOf(plan: Plan): Range | undefined {
  const kind = RANGES[plan.loadBalancer.kind];
  if (kind !== undefined) return { ...kind, who: "AWS", step: 1 };
  const provider = serviceProvider(plan);
  const idle = provider?.idleTimeout;
  if (provider === undefined || idle?.range === undefined) return undefined;
  const { leastS, mostS } = idle.range;
  return {
    name: `the load balancer of ${provider.title}`,
    who: provider.title,
    least: leastS,
    most: mostS,
    step: idle.stepS,
  };
}
