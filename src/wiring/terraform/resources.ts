// Which resources of a configuration concern an edge, its modules' included; those that are not understood are reported.
import type { LeftOut } from "../wiring.ts";
import { isOfOtherPurpose } from "./installed-modules.ts";
import { isKubernetesType } from "./kubernetes.ts";
import { isLocal, type ModuleCall, sourceOf } from "./module.ts";
import type { Resource } from "./resource.ts";
import type { Block } from "./syntax.ts";
import type { Value } from "./value.ts";

/** Read by this reader. Their older names (`aws_alb`) are the same resources (AWS provider, `aws_lb`). */
export const edgeTypes: ReadonlySet<string> = new Set([
  "aws_elb",
  "aws_proxy_protocol_policy",
  "aws_load_balancer_policy",
  "aws_load_balancer_backend_server_policy",
  "aws_load_balancer_listener_policy",
  "aws_elb_attachment",
  "aws_autoscaling_attachment",
  "aws_autoscaling_group",
  "aws_lb",
  "aws_alb",
  "aws_lb_listener",
  "aws_alb_listener",
  "aws_lb_target_group",
  "aws_alb_target_group",
  "aws_lb_target_group_attachment",
  "aws_alb_target_group_attachment",
  "aws_security_group",
  "aws_default_security_group",
  "aws_security_group_rule",
  "aws_vpc_security_group_ingress_rule",
  "aws_vpc_security_group_egress_rule",
]);

export function isReadType(type: string): boolean {
  return edgeTypes.has(type) || isKubernetesType(type);
}

/** Resources that forward or block an edge's traffic and are not read, each with the consequence. */
const notUnderstood: readonly (readonly [type: RegExp, why: string])[] = [
  [/^aws_(lb|alb)_listener_rule$/, "connections to its other targets are not followed"],
  [/^aws_(lb|alb)_listener_certificate$/, "its certificates are not examined"],
  [/^helm_release$/, "the objects of its chart are not known: check what `helm template` writes"],
  [/^aws_lb_ssl_negotiation_policy$/, "its TLS policy is not examined"],
  [/^aws_(network_acl|network_acl_rule|default_network_acl)$/, "its rules are not examined"],
  [/^aws_(wafv2|waf|wafregional)_web_acl_association$/, "its rules are not examined"],
  [
    /^aws_(globalaccelerator_(endpoint_group|listener)|cloudfront_distribution)$/,
    "the load balancer that it creates is not read",
  ],
  [/^aws_vpclattice_(listener|service|target_group)$/, "the load balancer that it creates is not read"],
  [
    /^google_compute_(global_)?(forwarding_rule|address|target_.*proxy|target_pool|backend_service|url_map|health_check|firewall)$/,
    "load balancers of Google are read from Services, not from Terraform",
  ],
  [
    /^google_compute_region_(backend_service|url_map|health_check|target_.*proxy)$/,
    "load balancers of Google are read from Services, not from Terraform",
  ],
  [
    /^azurerm_(lb|lb_.*|application_gateway|network_security_(group|rule)|frontdoor.*|cdn_frontdoor.*)$/,
    "load balancers of Azure are read from Services, not from Terraform",
  ],
  [
    /^(digitalocean_loadbalancer|hcloud_load_balancer.*|scaleway_lb.*|openstack_lb_.*|linode_nodebalancer.*|oci_load_balancer.*|oci_network_load_balancer.*|ibm_is_lb.*|civo_.*loadbalancer.*|cloudflare_load_balancer.*)$/,
    "load balancers of this cloud are read from Services, not from Terraform",
  ],
];

export function resourcesOf(call: ModuleCall, leaveOut: (leftOut: LeftOut) => void): readonly Resource[] {
  const found: Resource[] = [];
  for (const [name, block] of call.folder.resources) {
    const type = block.labels[0] ?? "";
    const strange = isReadType(type) ? undefined : notUnderstood.find(([form]) => form.test(type));
    if (strange !== undefined && exists(call.resource(name))) {
      leaveOut({
        what: `${call.prefix}${name} is left out: Portico does not read ${type}`,
        why: strange[1],
        severity: "note",
        at: block.at,
      });
    }
    if (!isReadType(type)) continue;
    const value = call.resource(name);
    if (value?.kind === "unknown") {
      leaveOut({
        what: `${call.prefix}${name} is left out: ${value.why}`,
        why: "whether it exists, and how many times, depends on its variables",
        severity: "note",
        at: value.at,
      });
    }
    found.push(...resourcesIn(value));
    const dormant = call.dormant(name);
    if (dormant !== undefined) found.push(dormant);
  }
  for (const [name, block] of call.folder.modules) {
    const calls = call.calls(name);
    found.push(...calls.flatMap((inner) => resourcesOf(inner, leaveOut)));
    if (calls.length > 0) continue;
    const left = moduleLeftOut(`${call.prefix}module.${name}`, block, call.module(name));
    if (left !== undefined) leaveOut(left);
  }
  return found;
}

/** An empty count or for_each makes none. */
function exists(value: Value | undefined): boolean {
  return value?.kind === "unknown" || resourcesIn(value).length > 0;
}

function resourcesIn(value: Value | undefined): readonly Resource[] {
  switch (value?.kind) {
    case "resource":
      return [value.resource];
    case "list":
      return value.items.flatMap(resourcesIn);
    case "object":
      return [...value.entries.values()].flatMap(resourcesIn);
    default:
      return [];
  }
}

function moduleLeftOut(address: string, block: Block, value: Value | undefined): LeftOut | undefined {
  if (value?.kind !== "unknown") return undefined;
  const source = sourceOf(block) ?? "";
  const what = `${address} is left out: ${value.why}`;
  if (isLocal(source))
    return {
      what,
      why: "load balancers and security groups in it are not read",
      severity: "error",
      at: value.at,
    };
  if (isOfOtherPurpose(source)) return undefined;
  return {
    what,
    why: "a load balancer or security group that it creates is not read",
    severity: "note",
    at: value.at,
  };
}
