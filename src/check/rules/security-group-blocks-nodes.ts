// security-group-blocks-nodes: security groups block the load balancer from the nodes.

import type { Position } from "../../findings/finding.ts";
import type { LoadBalancer, SecurityRule } from "../../wiring/cloud.ts";
import { blocks, groupsOf, lets, rulesOf } from "../../wiring/security-groups.ts";
import type { Wiring } from "../../wiring/wiring.ts";
import { knownValue } from "../../wiring/written.ts";
import { checkedPort } from "../layers/checked-port.ts";
import type { Rule, RuleFinding } from "../rule.ts";
import { noted } from "../wording.ts";

export const securityGroupBlocksNodes: Rule = {
  code: "security-group-blocks-nodes",
  severity: "error",
  check: (wiring) =>
    wiring.loadBalancers.flatMap((loadBalancer) => {
      const targets = targetsOf(loadBalancer);
      return [...outOf(wiring, loadBalancer, targets), ...intoNodes(wiring, loadBalancer, targets)];
    }),
};

interface Target {
  readonly port: number;
  readonly does: "traffic" | "health checks";
  readonly at: Position;
}

function targetsOf({ listeners }: LoadBalancer): readonly Target[] {
  const targets = new Map<number, Target>();
  for (const { to, at } of listeners) {
    const port = to.kind === "node" ? knownValue(to.port) : undefined;
    if (port !== undefined) targets.set(port, { port, does: "traffic", at: to.port.at ?? at });
  }
  for (const listener of listeners) {
    const { healthCheck, to } = listener;
    const port =
      healthCheck === undefined || to.kind !== "node" ? undefined : checkedPort(healthCheck, listener);
    if (healthCheck === undefined || port === undefined || targets.has(port)) continue;
    targets.set(port, { port, does: "health checks", at: healthCheck.port.at ?? healthCheck.at });
  }
  return [...targets.values()];
}

/** "If you don't define an egress rule, Terraform removes the one that allows all" (AWS provider, aws_security_group). */
function outOf(
  wiring: Wiring,
  loadBalancer: LoadBalancer,
  targets: readonly Target[],
): readonly RuleFinding[] {
  const groups = groupsOf(wiring, loadBalancer);
  if (groups === undefined) return [];
  const rules = rulesOf(groups, "egress");
  return targets
    .filter(({ port }) => blocks(rules, port))
    .map(({ port, does, at }) => ({
      what: `the load balancer's security group does not allow ${does} to node port ${port}`,
      why: `${effectOf(does)}: connections to the nodes time out.`,
      remedy: `Add an \`egress\` rule for port ${port} to \`${groups[0]?.id ?? "the group"}\`${rules.length === 0 ? ": Terraform removes the default rule that allows all egress" : ""}.`,
      at: [
        noted(at, `port of ${does}`),
        noted(groups[0]?.at, rules.length === 0 ? "no `egress`" : "allows egress on other ports"),
        ...rules.slice(0, 5).map((rule) => rule.fromPort.at ?? rule.at),
      ],
    }));
}

/** Security groups of nodes, identified by rules for this load balancer: they allow some of its ports and not others. */
function intoNodes(
  wiring: Wiring,
  loadBalancer: LoadBalancer,
  targets: readonly Target[],
): readonly RuleFinding[] {
  const own = new Set(loadBalancer.securityGroups.flatMap((id) => knownValue(id) ?? []));
  const fromHere = ({ direction, groups }: SecurityRule) =>
    direction === "ingress" && groups.some((id) => own.has(knownValue(id) ?? ""));
  const letting = wiring.securityGroups
    .filter(({ id }) => !own.has(id))
    .flatMap(({ rules }) => rules.filter(fromHere));
  // Other rules of the nodes may admit any source; rules for this load balancer should match its ports.
  const others = wiring.securityGroups
    .filter(({ id }) => !own.has(id))
    .flatMap(({ rules }) => rules.filter((rule) => rule.direction === "ingress" && !fromHere(rule)));
  if (letting.length === 0) return [];
  return targets
    .filter(({ port }) => blocks(letting, port) && others.every((rule) => lets(rule, port) === false))
    .map(({ port, does, at }) => ({
      what: `the nodes' security group does not allow the load balancer on node port ${port}`,
      why: `${effectOf(does)}: connections to the nodes time out, unless a rule outside these files allows them.`,
      remedy: `Add an \`ingress\` rule for port ${port} from the load balancer's security group.`,
      at: [
        noted(at, `port of ${does}`),
        ...letting
          .slice(0, 5)
          .map((rule) => noted(rule.fromPort.at ?? rule.at, "allows ingress on other ports")),
      ],
    }));
}

function effectOf(does: Target["does"]): string {
  return does === "traffic"
    ? "No request through this port gets a response"
    : "The load balancer marks every node as unhealthy";
}
