// A Service: its ports and its selector, with the defaults of Kubernetes.

import type { Path } from "../../source/data.ts";
import type { KubernetesObject, LeftOut, Service, ServicePort } from "../wiring.ts";
import { type Fields, fieldsOf, titleOf } from "./fields.ts";

const TYPES = ["ClusterIP", "NodePort", "LoadBalancer", "ExternalName"] as const;

export function readService(object: KubernetesObject, leftOut: LeftOut[]): Service {
  const fields = fieldsOf(object, leftOut);
  const type = typeOf(fields, leftOut);
  const policy = fields.text(["spec", "externalTrafficPolicy"]);
  const ports = fields.items(["spec", "ports"]).flatMap((path) => portOf(fields, path, leftOut) ?? []);
  const headless = fields.raw(["spec", "clusterIP"]) === "None";
  const open = fields.items(["spec", "ports"]).some((path) => fields.isOpen([...path, "port"]));
  if (ports.length === 0 && !open && type !== "ExternalName" && !headless)
    leftOut.push({
      what: `${titleOf(object)} has no ports`,
      why: "The API server rejects it, and no connection can use it.",
      severity: "error",
      at: fields.at(["spec", "ports"]),
    });
  return {
    object,
    name: object.name,
    namespace: object.namespace,
    type,
    headless,
    clusterIp: headless ? undefined : fields.text(["spec", "clusterIP"])?.value,
    externalName: type === "ExternalName" ? fields.text(["spec", "externalName"]) : undefined,
    families: familiesOf(fields),
    publishesNotReady: fields.flag(["spec", "publishNotReadyAddresses"])?.value ?? false,
    selector: selectorOf(fields),
    ports,
    externalTrafficPolicy:
      policy?.value === "Local" ? { value: "Local", at: policy.at } : { value: "Cluster", at: policy?.at },
    sourceRanges: fields
      .items(["spec", "loadBalancerSourceRanges"])
      .flatMap((path) => fields.text(path)?.value ?? []),
    annotations: fields.strings(["metadata", "annotations"]),
    at: object.at,
  };
}

/**
 * `ipFamilies`, or what `ipFamilyPolicy` makes of it (Kubernetes, "IPv4/IPv6 dual-stack"): `PreferDualStack` may have one family only, and
 * is not known without a list of two.
 */
function familiesOf(fields: Fields): Service["families"] {
  const path = ["spec", "ipFamilies"];
  const listed = fields
    .items(path)
    .map((one) => fields.text(one)?.value)
    .filter((family) => family === "IPv4" || family === "IPv6");
  const policy = fields.text(["spec", "ipFamilyPolicy"]);
  if (policy?.value === "RequireDualStack") return { value: ["IPv4", "IPv6"], at: policy.at };
  if (listed.length === 0 || (policy?.value === "PreferDualStack" && listed.length < 2)) return undefined;
  return { value: listed, at: fields.object.place(path, { key: true }) ?? fields.at(path) };
}

function typeOf(fields: Fields, leftOut: LeftOut[]): Service["type"] {
  const written = fields.text(["spec", "type"]);
  const type = TYPES.find((known) => known === written?.value);
  if (written !== undefined && type === undefined && !fields.isOpen(["spec", "type"]))
    leftOut.push({
      what: `${JSON.stringify(written.value)} is not a type of Service`,
      why: `The API server refuses ${titleOf(fields.object)}; it is read as ClusterIP.`,
      severity: "error",
      at: written.at ?? fields.object.at,
    });
  return type ?? "ClusterIP";
}

/** An empty selector counts as no selector (Kubernetes, "Services without selectors"). */
function selectorOf(fields: Fields): Service["selector"] {
  const selector = fields.strings(["spec", "selector"]);
  return Object.keys(selector).length === 0 ? undefined : selector;
}

function portOf(fields: Fields, path: Path, leftOut: LeftOut[]): ServicePort | undefined {
  const port = fields.number([...path, "port"]);
  if (port === undefined) {
    if (fields.isOpen([...path, "port"])) return undefined;
    leftOut.push({
      what: `a port of ${titleOf(fields.object)} has no number`,
      why: "The API server refuses the Service; this port is not followed.",
      severity: "error",
      at: fields.at(path),
    });
    return undefined;
  }
  return {
    name: fields.text([...path, "name"])?.value,
    protocol: fields.text([...path, "protocol"])?.value ?? "TCP",
    port,
    targetPort: fields.numberOrText([...path, "targetPort"]) ?? { value: port.value },
    nodePort: nodePortOf(fields, path),
    at: fields.at(path),
  };
}

/** 0: the cluster allocates the port. */
function nodePortOf(fields: Fields, path: Path): ServicePort["nodePort"] {
  const nodePort = fields.number([...path, "nodePort"]);
  return nodePort === undefined || nodePort.value === 0 ? undefined : nodePort;
}
