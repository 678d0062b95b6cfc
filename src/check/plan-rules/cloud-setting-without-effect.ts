// cloud-setting-without-effect: setting that this load balancer does not have.
import { sentence } from "../../findings/sentence.ts";
import type { CheckContext, PlanRule, RuleFinding } from "../rule.ts";

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
      return [idle(context, [], "Portico renders no Terraform for this load balancer", "Remove `aws`.")];
    const nlb = cloud.kind === "aws-nlb";
    const terminatesTls = cloud.listeners.some(({ protocol }) => protocol === "tls");
    const found: RuleFinding[] = [];
    const report = (path: readonly string[], why: string, remedy = `Remove \`${path.at(-1)}\`.`) =>
      found.push(idle(context, path, why, remedy));
    if (aws.tlsPolicy !== undefined && !terminatesTls)
      report(["tlsPolicy"], "the load balancer does not terminate TLS");
    if (aws.alpn !== undefined && !nlb) report(["alpn"], "a classic ELB does not support ALPN");
    else if (aws.alpn !== undefined && !terminatesTls)
      report(["alpn"], "the load balancer does not terminate TLS");
    if (aws.accessLogs !== undefined && nlb && !terminatesTls)
      report(["accessLogs"], "an NLB logs TLS connections only, and this one terminates no TLS");
    if (aws.accessLogs?.interval !== undefined && nlb)
      report(["accessLogs", "interval"], "the interval of an NLB's access logs is fixed at 5 minutes");
    return found;
  },
};

function idle({ at }: CheckContext, path: readonly string[], why: string, remedy: string): RuleFinding {
  const whole = ["public", "loadBalancer", "aws", ...path];
  return {
    what: `\`${["aws", ...path].join(".")}\` has no effect`,
    why: sentence(why),
    remedy,
    at: [at(whole, { key: true })],
  };
}
