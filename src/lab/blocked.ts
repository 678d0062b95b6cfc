// What stands in a way without breaking it: security groups, and network policies.

import type { Position } from "../findings/finding.ts";
import { contains } from "../model/networks.ts";
import { matchesLabels } from "../wiring/join/select.ts";
import { groupsOf, lets, rulesOf } from "../wiring/security-groups.ts";
import type {
  LoadBalancer,
  NetworkPolicy,
  SecurityGroup,
  SecurityRule,
  TrafficPath,
  Wiring,
} from "../wiring/wiring.ts";
import { isKnown, knownValue } from "../wiring/wiring.ts";

/** Why a client outside does not get to this port of a load balancer; null: it does, or the layers do not tell. */
export function closedToClients(
  wiring: Pick<Wiring, "securityGroups">,
  loadBalancer: LoadBalancer,
  port: number,
  client: string,
): string | null {
  const groups = groupsOf(wiring, loadBalancer);
  if (groups === null) return null;
  const open = rulesOf(groups, "ingress").filter((rule) => coversPort(rule, port));
  const names = groups.map(({ id }) => id).join(" and ");
  if (open.length === 0)
    return `the security group ${names} has no rule that lets anybody to port ${port}${at(groups)}`;
  // A load balancer of a private network has clients there, whose addresses the lab does not know.
  if (knownValue(loadBalancer.internal) === true || open.some((rule) => admits(rule, client))) return null;
  return `the security group ${names} lets nobody from ${client} to port ${port}${placeText(open[0]?.at ?? null)}`;
}

/** Why a client outside the `loadBalancerSourceRanges` of a Service does not get through its load balancer. */
export function closedByRanges({ service }: TrafficPath, client: string): string | null {
  if (service === null || service.sourceRanges.length === 0 || contains(service.sourceRanges, client))
    return null;
  return `the Service ${service.namespace}/${service.name} has no source range that contains ${client}${placeText(service.at)}`;
}

/** Why the load balancer does not get to this port of the nodes. */
export function closedToLoadBalancer(
  wiring: Pick<Wiring, "securityGroups">,
  loadBalancer: LoadBalancer,
  port: number,
): string | null {
  const groups = groupsOf(wiring, loadBalancer);
  if (groups === null) return null;
  // Terraform takes the rule away that lets everything out (AWS provider, aws_security_group, "NOTE on Egress rules").
  if (rulesOf(groups, "egress").some((rule) => coversPort(rule, port)))
    return closedByNodes(wiring, groups, port);
  const names = groups.map(({ id }) => id).join(" and ");
  return `the security group ${names} has no rule that lets the load balancer to port ${port}${at(groups)}`;
}

/**
 * A group of the nodes may have rules elsewhere; where the ones that are here are about this load balancer, its ports are
 * written here or nowhere.
 */
function closedByNodes(
  { securityGroups }: Pick<Wiring, "securityGroups">,
  own: readonly SecurityGroup[],
  port: number,
): string | null {
  const ids = new Set(own.map(({ id }) => id));
  const isAbout = ({ direction, groups }: SecurityRule) =>
    direction === "ingress" && groups.some((group) => ids.has(knownValue(group) ?? ""));
  const nodes = securityGroups.filter((group) => !own.includes(group) && group.rules.some(isAbout));
  const [first] = nodes;
  if (first === undefined) return null;
  if (rulesOf(nodes, "ingress").some((rule) => coversPort(rule, port))) return null;
  return `the security group ${first.id} has no rule that lets the load balancer to port ${port}${placeText(first.rules.find(isAbout)?.at ?? first.at)}`;
}

/** Why no connection gets into the pod by this way: its policies let nobody to the port. */
export function closedByPolicy(
  { networkPolicies }: Pick<Wiring, "networkPolicies">,
  path: TrafficPath,
): string | null {
  const { workload, containerPort, bind } = path;
  if (workload === null) return null;
  const port = containerPort?.port.value ?? bind?.address.ports?.from;
  const policies = networkPolicies.filter((policy) => selects(policy, path));
  const [first] = policies;
  if (first === undefined || port === undefined) return null;
  const lets = ({ ingressPorts }: NetworkPolicy) =>
    ingressPorts === null || ingressPorts.some((one) => one === port || one === containerPort?.name);
  if (policies.some(lets)) return null;
  return `the NetworkPolicy ${first.namespace}/${first.name} lets nobody to port ${port}${placeText(first.at)}`;
}

/** ` (elb.tf:12)` */
export function placeText(at: Position | null | undefined): string {
  return at == null ? "" : ` (${at.file}:${at.line})`;
}

/** What is not known may cover it. */
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
    return true; // no network that can be read: another check's matter
  }
}

function selects({ podSelector, namespace }: NetworkPolicy, { workload }: TrafficPath): boolean {
  return workload !== null && workload.namespace === namespace && matchesLabels(podSelector, workload.labels);
}

function at(groups: readonly SecurityGroup[]): string {
  return placeText(groups[0]?.at ?? null);
}
