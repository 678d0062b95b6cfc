// What blocks a traffic path that is otherwise complete: security groups, source ranges and network policies.
import type { Position } from "../findings/finding.ts";
import { contains } from "../model/networks.ts";
import type { LoadBalancer, SecurityGroup, SecurityRule } from "../wiring/cloud.ts";
import { policyView } from "../wiring/policy-view.ts";
import { groupsOf, lets, rulesOf } from "../wiring/security-groups.ts";
import type { TrafficPath, Wiring } from "../wiring/wiring.ts";
import { isKnown, knownValue } from "../wiring/written.ts";

/** Why a client outside the cluster cannot reach this port of a load balancer; undefined: it can, or the layers do not say. */
export function closedToClients(
  wiring: Pick<Wiring, "securityGroups">,
  loadBalancer: LoadBalancer,
  port: number,
  client: string,
): string | undefined {
  const groups = groupsOf(wiring, loadBalancer);
  if (groups === undefined) return undefined;
  const open = rulesOf(groups, "ingress").filter((rule) => coversPort(rule, port));
  const names = groups.map(({ id }) => id).join(" and ");
  if (open.length === 0)
    return `the security group ${names} has no rule that allows port ${port}${at(groups)}`;
  // Clients of an internal load balancer are in its private network, whose addresses the lab does not know.
  if (knownValue(loadBalancer.internal) === true || open.some((rule) => admits(rule, client)))
    return undefined;
  return `the security group ${names} allows no connection from ${client} to port ${port}${placeText(open[0]?.at)}`;
}

/** Why the `loadBalancerSourceRanges` of a Service exclude this client. */
export function closedByRanges({ service }: TrafficPath, client: string): string | undefined {
  if (service === undefined || service.sourceRanges.length === 0 || contains(service.sourceRanges, client))
    return undefined;
  return `the Service ${service.namespace}/${service.name} has no source range that contains ${client}${placeText(service.at)}`;
}

/** Why the load balancer cannot reach this port of the nodes. */
export function closedToLoadBalancer(
  wiring: Pick<Wiring, "securityGroups">,
  loadBalancer: LoadBalancer,
  port: number,
): string | undefined {
  const groups = groupsOf(wiring, loadBalancer);
  if (groups === undefined) return undefined;
  // Terraform removes the default rule that allows all egress (AWS provider, aws_security_group, "NOTE on Egress rules").
  if (rulesOf(groups, "egress").some((rule) => coversPort(rule, port)))
    return closedByNodes(wiring, groups, port);
  const names = groups.map(({ id }) => id).join(" and ");
  return `the security group ${names} has no rule that allows the load balancer to reach port ${port}${at(groups)}`;
}

/**
 * A security group of the nodes may have rules elsewhere. It counts as complete for this load balancer as soon as one
 * of its rules names a group of the load balancer.
 */
function closedByNodes(
  { securityGroups }: Pick<Wiring, "securityGroups">,
  own: readonly SecurityGroup[],
  port: number,
): string | undefined {
  const ids = new Set(own.map(({ id }) => id));
  const isAbout = ({ direction, groups }: SecurityRule) =>
    direction === "ingress" && groups.some((group) => ids.has(knownValue(group) ?? ""));
  const nodes = securityGroups.filter((group) => !own.includes(group) && group.rules.some(isAbout));
  const [first] = nodes;
  if (first === undefined) return undefined;
  if (rulesOf(nodes, "ingress").some((rule) => coversPort(rule, port))) return undefined;
  return `the security group ${first.id} has no rule that allows the load balancer to reach port ${port}${placeText(first.rules.find(isAbout)?.at ?? first.at)}`;
}

/** Why no connection on this path enters the pod: no policy of the pod allows the port. */
export function closedByPolicy(
  wiring: Pick<Wiring, "networkPolicies" | "objects">,
  path: TrafficPath,
): string | undefined {
  const blocked = policyView(wiring).blocksClients(path);
  return blocked && `${blocked.because}${placeText(blocked.at)}`;
}

/** ` (elb.tf:12)` */
export function placeText(at: Position | undefined): string {
  return at === undefined ? "" : ` (${at.file}:${at.line})`;
}

/** A rule whose ports are unknown may cover it. */
function coversPort(rule: SecurityRule, port: number): boolean {
  return lets(rule, port) !== false;
}

function admits({ networks }: SecurityRule, client: string): boolean {
  return networks.some((network) => !isKnown(network) || isWithin(client, network.value));
}

function isWithin(client: string, network: string): boolean {
  try {
    return contains([network], client);
  } catch {
    return true; // an invalid network: another check reports it
  }
}

function at(groups: readonly SecurityGroup[]): string {
  return placeText(groups[0]?.at);
}
