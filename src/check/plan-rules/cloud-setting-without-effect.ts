// cloud-setting-without-effect: setting that this load balancer does not have.
import type { CheckContext, PlanRule, PlanRuleFinding } from "../plan-rule.ts";

export const cloudSettingWithoutEffect: PlanRule = {
  code: "cloud-setting-without-effect",
  severity: "warning",
  check(context) {
    const { plan, edge } = context;
    const described = edge?.public?.loadBalancer;
    const aws = typeof described === "object" ? described.aws : undefined;
    if (aws === undefined) return [];
    const { cloud } = plan;
    if (cloud === null)
      return [idle(context, [], "no Terraform is rendered for this load balancer", "Leave `aws` out.")];
    const nlb = cloud.kind === "aws-nlb";
    const endsTls = cloud.listeners.some(({ protocol }) => protocol === "tls");
    const found: PlanRuleFinding[] = [];
    const report = (path: readonly string[], why: string, remedy = `Leave \`${path.at(-1)}\` out.`) =>
      found.push(idle(context, path, why, remedy));
    if (aws.tlsPolicy !== undefined && !endsTls)
      report(["tlsPolicy"], "TLS does not end at the load balancer");
    if (aws.alpn !== undefined && !nlb) report(["alpn"], "a classic ELB knows no ALPN");
    else if (aws.alpn !== undefined && !endsTls) report(["alpn"], "TLS does not end at the load balancer");
    if (aws.accessLogs !== undefined && nlb && !endsTls)
      report(["accessLogs"], "an NLB logs TLS connections alone, and it ends none");
    if (aws.accessLogs?.interval !== undefined && nlb)
      report(["accessLogs", "interval"], "an NLB writes its logs every 5 minutes, and not otherwise");
    return found;
  },
};

function idle({ at }: CheckContext, path: readonly string[], why: string, remedy: string): PlanRuleFinding {
  const whole = ["public", "loadBalancer", "aws", ...path];
  return {
    what: `\`${["aws", ...path].join(".")}\` has no effect`,
    why: `${why.charAt(0).toUpperCase()}${why.slice(1)}.`,
    remedy,
    at: [at(whole, { key: true })],
  };
}
