// The connections that security groups allow, if the files have all of their rules.

import type { LoadBalancer, SecurityGroup, SecurityRule } from "./cloud.ts";
import type { Wiring } from "./wiring.ts";
import { isKnown, knownValue } from "./written.ts";

/** The groups of a load balancer; undefined: it has none, or not all of them are described. */
export function groupsOf(
  wiring: Pick<Wiring, "securityGroups">,
  { securityGroups }: LoadBalancer,
): readonly SecurityGroup[] | undefined {
  const groups = securityGroups.map((id) => {
    const name = knownValue(id);
    return wiring.securityGroups.find((group) => group.id === name);
  });
  const known = groups.filter((group) => group !== undefined);
  return known.length === 0 || known.length < groups.length || !known.every(({ complete }) => complete)
    ? undefined
    : known;
}

export function rulesOf(
  groups: readonly SecurityGroup[],
  direction: SecurityRule["direction"],
): readonly SecurityRule[] {
  return groups.flatMap((group) => group.rules.filter((rule) => rule.direction === direction));
}

/** undefined: not known. */
export function lets({ protocol, fromPort, toPort }: SecurityRule, port: number): boolean | undefined {
  const over = knownValue(protocol);
  if (over === undefined) return undefined;
  if (over === "all") return true;
  if (over !== "tcp") return false;
  const [from, to] = [knownValue(fromPort), knownValue(toPort)];
  return from === undefined || to === undefined ? undefined : port >= from && port <= to;
}

/** No rule allows this port, and all rules are known. */
export function blocks(rules: readonly SecurityRule[], port: number): boolean {
  return rules.every((rule) => lets(rule, port) === false);
}

export function isForAll({ networks }: SecurityRule): boolean {
  return networks.some((network) => isKnown(network) && /^(?:0\.0\.0\.0|::)\/0$/.test(network.value));
}
