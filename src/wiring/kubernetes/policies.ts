// NetworkPolicies and PodDisruptionBudgets: which pods they select, and which ports they allow.

import type { Path } from "../../source/data.ts";
import type { DisruptionBudget, KubernetesObject, LeftOut, NetworkPolicy } from "../wiring.ts";
import { type Fields, fieldsOf, titleOf } from "./fields.ts";

/** A longer range of ports is not expanded. */
const MAX_RANGE = 4096;

export function readNetworkPolicy(object: KubernetesObject, leftOut: LeftOut[]): NetworkPolicy {
  const fields = fieldsOf(object, leftOut);
  return {
    object,
    name: object.name,
    namespace: object.namespace,
    podSelector: selectorAt(fields, ["spec", "podSelector"], leftOut),
    ingressPorts: ingressPorts(fields),
    at: object.at,
  };
}

export function readDisruptionBudget(object: KubernetesObject, leftOut: LeftOut[]): DisruptionBudget {
  const fields = fieldsOf(object, leftOut);
  return {
    object,
    namespace: object.namespace,
    selector: selectorAt(fields, ["spec", "selector"], leftOut),
    at: object.at,
  };
}

function selectorAt(fields: Fields, path: Path, leftOut: LeftOut[]): Readonly<Record<string, string>> {
  if (fields.items([...path, "matchExpressions"]).length > 0)
    leftOut.push({
      what: `matchExpressions of ${titleOf(fields.object)} are not evaluated`,
      why: "Portico assumes that it applies to every pod that its matchLabels select.",
      severity: "note",
      at: fields.at([...path, "matchExpressions"]),
    });
  return fields.strings([...path, "matchLabels"]);
}

/** Kubernetes, "Network Policies": a policy for ingress denies what no rule allows; a rule without ports allows all. */
function ingressPorts(fields: Fields): NetworkPolicy["ingressPorts"] {
  const types = fields.items(["spec", "policyTypes"]).map((path) => fields.text(path)?.value);
  if (types.length > 0 && !types.includes("Ingress")) return undefined;
  const ports = new Set<number | string>();
  for (const rule of fields.items(["spec", "ingress"])) {
    const listed = fields.items([...rule, "ports"]);
    if (listed.length === 0) return undefined;
    for (const path of listed) {
      const port = fields.numberOrText([...path, "port"])?.value;
      const last = fields.number([...path, "endPort"])?.value;
      if (port === undefined) return undefined;
      if (typeof port === "string" || last === undefined) ports.add(port);
      else if (last - port > MAX_RANGE) return undefined;
      else for (let each = port; each <= last; each += 1) ports.add(each);
    }
  }
  return [...ports];
}
