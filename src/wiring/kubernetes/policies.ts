// NetworkPolicies and PodDisruptionBudgets: which pods they select, and which connections the policies allow.

import { isRecord, type Path } from "../../source/data.ts";
import type { DisruptionBudget, KubernetesObject, LeftOut } from "../wiring.ts";
import { type Fields, fieldsOf } from "./fields.ts";
import type { LabelSelector, NetworkPolicy, PolicyPeer, PolicyPort, PolicyRule } from "./policy.ts";

export function readNetworkPolicy(object: KubernetesObject, leftOut: LeftOut[]): NetworkPolicy {
  const fields = fieldsOf(object, leftOut);
  const written = fields.items(["spec", "policyTypes"]).map((path) => fields.text(path)?.value);
  // Without `policyTypes`: Ingress, and Egress if there are rules for it (Kubernetes API, NetworkPolicySpec).
  const types =
    written.length > 0 ? written : ["Ingress", ...(fields.has(["spec", "egress"]) ? ["Egress"] : [])];
  return {
    object,
    name: object.name,
    namespace: object.namespace,
    podSelector: selectorAt(fields, ["spec", "podSelector"]),
    ingress: types.includes("Ingress") ? rulesAt(fields, "ingress", "from") : undefined,
    egress: types.includes("Egress") ? rulesAt(fields, "egress", "to") : undefined,
    at: object.at,
  };
}

export function readDisruptionBudget(object: KubernetesObject, leftOut: LeftOut[]): DisruptionBudget {
  return {
    object,
    namespace: object.namespace,
    selector: selectorAt(fieldsOf(object, leftOut), ["spec", "selector"]),
    at: object.at,
  };
}

function selectorAt(fields: Fields, path: Path): LabelSelector {
  return {
    labels: fields.strings([...path, "matchLabels"]),
    expressions: fields.items([...path, "matchExpressions"]).map((one) => ({
      key: fields.text([...one, "key"])?.value ?? "",
      operator: fields.text([...one, "operator"])?.value ?? "",
      values: fields.items([...one, "values"]).flatMap((value) => fields.text(value)?.value ?? []),
    })),
  };
}

function rulesAt(fields: Fields, direction: string, peers: "from" | "to"): readonly PolicyRule[] {
  return fields.items(["spec", direction]).map((path) => ({
    peers: allOrListed(fields.items([...path, peers]).map((peer) => peerAt(fields, peer))),
    ports: allOrListed(fields.items([...path, "ports"]).map((port) => portAt(fields, port))),
  }));
}

/** "If this field is empty or missing, this rule matches all" (Kubernetes API, NetworkPolicyIngressRule and NetworkPolicyEgressRule). */
function allOrListed<T>(listed: readonly T[]): readonly T[] | undefined {
  return listed.length === 0 ? undefined : listed;
}

function peerAt(fields: Fields, path: Path): PolicyPeer {
  const selector = (name: string): LabelSelector | undefined =>
    isRecord(fields.raw([...path, name])) ? selectorAt(fields, [...path, name]) : undefined;
  return {
    pods: selector("podSelector"),
    namespaces: selector("namespaceSelector"),
    network: fields.text([...path, "ipBlock", "cidr"])?.value,
  };
}

function portAt(fields: Fields, path: Path): PolicyPort {
  const port = fields.numberOrText([...path, "port"])?.value;
  return {
    protocol: fields.text([...path, "protocol"])?.value ?? "TCP",
    port,
    last: fields.number([...path, "endPort"])?.value,
  };
}
