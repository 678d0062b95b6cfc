// aws_security_group and the rules that stand beside it → security groups.
import type { Known, SecurityGroup, SecurityRule } from "../wiring.ts";
import type { Edge } from "./edge.ts";
import type { Arguments, Resource } from "./resource.ts";
import { elementsIn, knownAs, neededNumber, resourceNamed, wordIn } from "./said.ts";
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
    return { unknown: `${value.source.resource.address} is no security group`, at: value.at };
  return knownAs<string>(value, () => undefined, `the group ${asText(value) ?? ""} is not described here`);
}

export function readSecurityGroup(group: Resource, edge: Edge): SecurityGroup {
  const rules: SecurityRule[] = [];
  let complete = true;
  for (const direction of ["ingress", "egress"] as const) {
    const { all, missing } = group.arguments.blocks(direction);
    rules.push(...all.map((block) => ruleOf(block, direction, group, edge)));
    if (missing !== null) {
      complete = false;
      edge.mayBeMore({ all, missing }, `${direction} rules of ${group.address} may be missing here`);
    }
  }
  const groups = edge.ofType(...securityGroupTypes);
  for (const rule of edge.ofType("aws_security_group_rule")) {
    if (!edge.belongs(rule, "security_group_id", group, groups, ["id"])) continue;
    const direction = wordIn(rule.arguments, "type", { ingress: "ingress", egress: "egress" } as const);
    if (direction === null || "unknown" in direction) complete = false;
    else rules.push(ruleOf(rule.arguments, direction.value, group, edge));
  }
  for (const direction of ["ingress", "egress"] as const) {
    for (const rule of edge.ofType(`aws_vpc_security_group_${direction}_rule`)) {
      if (!edge.belongs(rule, "security_group_id", group, groups, ["id"])) continue;
      rules.push(ruleOf(rule.arguments, direction, group, edge));
    }
  }
  return { id: group.address, rules, complete, at: group.at };
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
  group: Resource,
  edge: Edge,
): SecurityRule {
  const written = args.value("protocol") === undefined ? "ip_protocol" : "protocol";
  const protocol = wordIn(args, written, protocols) ?? { unknown: "protocol is not written", at: args.at };
  const all = "value" in protocol && protocol.value === "all";
  // With all protocols the ports that are written (0 and 0, or none) mean all of them.
  const port = (name: string, byAll: number): Known<number> =>
    all ? { value: byAll, at: args.value(name)?.at ?? null } : neededNumber(args, name);
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
    elementsIn(args, name).map((value) => knownAs(value, asText, "it is no text")),
  );
  const lists = ["prefix_list_ids", "prefix_list_id"].flatMap((name) => elementsIn(args, name));
  return [...networks, ...lists.map(({ at }) => ({ unknown: "a prefix list's networks are with AWS", at }))];
}

function groupsOf(args: Arguments, group: Resource, edge: Edge): readonly Known<string>[] {
  const named = ["security_groups", "source_security_group_id", "referenced_security_group_id"].flatMap(
    (name) => securityGroupsOf(args, name, edge),
  );
  const self = args.value("self");
  if (self === undefined || asBoolean(self) === false) return named;
  return [
    ...named,
    asBoolean(self) === true ? { value: group.address, at: self.at } : knownAs(self, asText, ""),
  ];
}
