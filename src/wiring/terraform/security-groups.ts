// aws_security_group and its separate rule resources → security groups.

import type { SecurityGroup, SecurityRule } from "../cloud.ts";
import type { Known } from "../written.ts";
import type { Edge } from "./edge.ts";
import { elementsIn, knownAs, neededNumber, resourceNamed, wordIn } from "./known-arguments.ts";
import type { Arguments, Resource } from "./resource.ts";
import { asBoolean, asText, type Value } from "./value.ts";

export const securityGroupTypes = ["aws_security_group", "aws_default_security_group"] as const;

/** Groups that an argument names, by their ids here. */
export function securityGroupsOf(args: Arguments, argument: string, edge: Edge): readonly Known<string>[] {
  return elementsIn(args, argument).map((value) => groupNamed(value, edge));
}

function groupNamed(value: Value, edge: Edge): Known<string> {
  const group = resourceNamed(value, edge.ofType(...securityGroupTypes), ["id", "name"]);
  if (group !== undefined) return { value: group.address, at: value.at };
  if (value.source !== undefined)
    return { unknown: `${value.source.resource.address} is not a security group`, at: value.at };
  const outside = value.kind === "unknown" ? value.variable : undefined;
  if (outside !== undefined && edge.ofType(...ruleTypes).some((rule) => outsideGroup(rule) === outside)) {
    return { value: outside, at: value.at };
  }
  return knownAs<string>(value, () => undefined, `the group ${asText(value) ?? ""} is not described here`);
}

export function readSecurityGroup(group: Resource, edge: Edge): SecurityGroup {
  const inline: SecurityRule[] = [];
  let complete = true;
  for (const direction of ["ingress", "egress"] as const) {
    const { all, missing } = group.arguments.blocks(direction);
    inline.push(...all.map((block) => ruleOf(block, direction, group.address, edge)));
    if (missing !== undefined) complete = false;
    edge.mayBeMore({ all, missing }, `${direction} rules of ${group.address} may be missing here`);
  }
  const groups = edge.ofType(...securityGroupTypes);
  const own = edge
    .ofType(...ruleTypes)
    .filter(
      (rule) =>
        outsideGroup(rule) === undefined && edge.belongs(rule, "security_group_id", group, groups, ["id"]),
    );
  const separate = separateRules(own, group.address, edge);
  const rules = [...inline, ...separate.rules];
  return { id: group.address, rules, complete: complete && separate.complete, at: group.at };
}

/**
 * Groups that a variable names and that get rules here: `var.node_security_group_id`. What else is in them is not known, so
 * they are never complete.
 */
export function readOutsideGroups(edge: Edge): readonly SecurityGroup[] {
  const rules = Map.groupBy(edge.ofType(...ruleTypes), outsideGroup);
  return [...rules].flatMap(([id, own]) => {
    const [first] = own;
    if (id === undefined || first === undefined) return [];
    return [{ id, rules: separateRules(own, id, edge).rules, complete: false, at: first.at }];
  });
}

const ruleTypes = [
  "aws_security_group_rule",
  "aws_vpc_security_group_ingress_rule",
  "aws_vpc_security_group_egress_rule",
] as const;

function outsideGroup(rule: Resource): string | undefined {
  const group = rule.arguments.value("security_group_id");
  return group?.kind === "unknown" ? group.variable : undefined;
}

function separateRules(
  own: readonly Resource[],
  group: string,
  edge: Edge,
): Pick<SecurityGroup, "rules" | "complete"> {
  const rules: SecurityRule[] = [];
  let complete = true;
  for (const rule of own) {
    const direction = directionOf(rule);
    if (direction !== undefined && "value" in direction) {
      rules.push(ruleOf(rule.arguments, direction.value, group, edge));
      continue;
    }
    complete = false;
    const why = direction?.unknown ?? "its type is not written";
    edge.leaveOut({
      what: `${rule.address} is left out: ${why}`,
      why: `what ${group} allows is not known`,
      severity: "note",
      at: rule.at,
    });
  }
  return { rules, complete };
}

function directionOf(rule: Resource): Known<SecurityRule["direction"]> | undefined {
  if (rule.type === "aws_vpc_security_group_ingress_rule") return { value: "ingress" };
  if (rule.type === "aws_vpc_security_group_egress_rule") return { value: "egress" };
  return wordIn(rule.arguments, "type", { ingress: "ingress", egress: "egress" } as const);
}

/** By IANA's numbers too; -1 is all (AWS provider, `aws_security_group`, "protocol"). */
const protocols = {
  tcp: "tcp",
  "6": "tcp",
  udp: "udp",
  "17": "udp",
  icmp: "icmp",
  icmpv6: "icmp",
  "1": "icmp",
  "58": "icmp",
  "-1": "all",
  all: "all",
} as const;

function ruleOf(
  args: Arguments,
  direction: SecurityRule["direction"],
  group: string,
  edge: Edge,
): SecurityRule {
  const written = args.value("protocol") === undefined ? "ip_protocol" : "protocol";
  const protocol = wordIn(args, written, protocols) ?? { unknown: "protocol is not written", at: args.at };
  const all = "value" in protocol && protocol.value === "all";
  // With all protocols the ports that are written (0 and 0, or none) mean all of them.
  const port = (name: string, byAll: number): Known<number> =>
    all ? { value: byAll, at: args.value(name)?.at } : neededNumber(args, name);
  return {
    direction,
    protocol,
    fromPort: port("from_port", 0),
    toPort: port("to_port", 65_535),
    networks: networksOf(args),
    groups: groupsOf(args, group, edge),
    at: args.at,
  };
}

function networksOf(args: Arguments): readonly Known<string>[] {
  const networks = ["cidr_blocks", "ipv6_cidr_blocks", "cidr_ipv4", "cidr_ipv6"].flatMap((name) =>
    elementsIn(args, name).map((value) => knownAs(value, asText, "it is not text")),
  );
  const lists = ["prefix_list_ids", "prefix_list_id"].flatMap((name) => elementsIn(args, name));
  return [
    ...networks,
    ...lists.map(({ at }) => ({ unknown: "the networks of a prefix list are not in the files", at })),
  ];
}

function groupsOf(args: Arguments, group: string, edge: Edge): readonly Known<string>[] {
  const named = ["security_groups", "source_security_group_id", "referenced_security_group_id"].flatMap(
    (name) => securityGroupsOf(args, name, edge),
  );
  const self = args.value("self");
  if (self === undefined || asBoolean(self) === false) return named;
  return [...named, asBoolean(self) === true ? { value: group, at: self.at } : knownAs(self, asText, "")];
}
