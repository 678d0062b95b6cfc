// Refusals of the API server as findings: the object, the server's reason, and the fix.
import type { Finding } from "../findings/finding.ts";
import type { ClusterApi } from "./api.ts";
import { connectionFinding } from "./connect.ts";
import { ClusterFailure } from "./failure.ts";
import { type KubernetesObject, nameOf } from "./objects.ts";

/** Rethrows errors of other kinds. */
export async function refusalOf(
  error: unknown,
  object: KubernetesObject,
  api: ClusterApi,
): Promise<readonly Finding[]> {
  const away = connectionFinding(error, api);
  if (away !== undefined) return [away];
  if (!(error instanceof ClusterFailure)) throw error;
  const known =
    namespaceMissing(error, object) ??
    (await nodePortTaken(error, object, api)) ??
    quotaExceeded(error, object) ??
    forbidden(error, object, api);
  if (known !== undefined) return [known];
  return error.causes.some(({ reason }) => reason === "FieldManagerConflict")
    ? fieldConflicts(error, object)
    : [refused(error, object)];
}

export function missingNamespace(namespace: string): Finding {
  return {
    code: "namespace-missing",
    severity: "error",
    what: `the namespace ${namespace} does not exist`,
    why: "Namespaces, their quotas and permissions belong to the cluster's administrator; a deploy does not create them.",
    remedy: `Run \`kubectl create namespace ${namespace}\`, or write another \`namespace\` in the description.`,
    at: [],
  };
}

function namespaceMissing(error: ClusterFailure, { metadata }: KubernetesObject) {
  return error.status === 404 && /^namespaces "/.test(error.message)
    ? missingNamespace(metadata.namespace ?? "default")
    : undefined;
}

/** "spec.ports[0].nodePort: Invalid value: 31000: provided port is already allocated". */
async function nodePortTaken(
  error: ClusterFailure,
  object: KubernetesObject,
  api: ClusterApi,
): Promise<Finding | undefined> {
  const [, port] =
    /Invalid value: (\d+): provided port is (?:already allocated|not in)/.exec(error.message) ?? [];
  if (port === undefined) return undefined;
  if (error.message.includes("is not in the valid range")) {
    const [, range = "30000-32767"] = /range of valid ports is ([\d-]+)/.exec(error.message) ?? [];
    return {
      code: "node-port-taken",
      severity: "error",
      what: `${nameOf(object)} cannot have node port ${port}`,
      why: `This cluster allocates the ports ${range} (--service-node-port-range).`,
      remedy: "Write one of these in `kubernetes.nodePorts`.",
      at: [],
    };
  }
  const owner = await ownerOfNodePort(api, Number(port));
  return {
    code: "node-port-taken",
    severity: "error",
    what: `node port ${port} of ${nameOf(object)} is taken${owner === undefined ? "" : ` by ${owner}`}`,
    why: "A node port belongs to one Service of the whole cluster; the load balancer's traffic would reach that Service.",
    remedy:
      "Write another port in `kubernetes.nodePorts` and in the load balancer's configuration, or free this one.",
    at: [],
  };
}

/** `Service shop/shop-public`; undefined when we may not read Services, or the port is used otherwise. */
async function ownerOfNodePort(api: ClusterApi, port: number): Promise<string | undefined> {
  type Service = KubernetesObject & {
    readonly spec?: { readonly ports?: readonly { readonly nodePort?: number }[] };
  };
  try {
    const services = await api.list<Service>({ apiVersion: "v1", kind: "Service" }, undefined);
    const owner = services.find(({ spec }) => spec?.ports?.some(({ nodePort }) => nodePort === port));
    return owner === undefined ? undefined : `Service ${owner.metadata.namespace}/${owner.metadata.name}`;
  } catch (error) {
    if (error instanceof ClusterFailure) return undefined;
    throw error;
  }
}

function quotaExceeded(error: ClusterFailure, object: KubernetesObject): Finding | undefined {
  return error.status === 403 && /exceeded quota|failed quota/.test(error.message)
    ? quotaFinding(nameOf(object), error.message)
    : undefined;
}

/** `message`: "… is forbidden: exceeded quota: NAME, requested: …, used: …, limited: …". */
export function quotaFinding(object: string, message: string): Finding {
  const [, quota = "its quota", numbers = message] =
    /(?:exceeded|failed) quota: ([^,:]+)[,:] (.*)$/s.exec(message) ?? [];
  return {
    code: "quota-exceeded",
    severity: "error",
    what: `${object} does not fit into the namespace's quota ${quota}`,
    why: `${numbers.trim()}.`,
    remedy:
      "Request a larger quota, or describe fewer `replicas` or smaller `resources`; a rolling update needs one additional pod.",
    at: [],
  };
}

function forbidden(error: ClusterFailure, object: KubernetesObject, api: ClusterApi): Finding | undefined {
  if (error.status !== 403) return undefined;
  return {
    code: "cluster-access-denied",
    severity: "error",
    what: `the cluster does not allow writing ${nameOf(object)}`,
    why: `${error.message}.`,
    remedy: `Request the permission in ${object.metadata.namespace}, or use another \`--context\` than ${api.context}.`,
    at: [],
  };
}

function fieldConflicts(error: ClusterFailure, object: KubernetesObject): readonly Finding[] {
  const fields = new Map<string, string[]>();
  for (const { message, field } of error.causes) {
    const [, owner = "another manager"] = /conflict with "([^"]+)"/.exec(message) ?? [];
    fields.set(owner, [...(fields.get(owner) ?? []), field]);
  }
  return [...fields].map(([owner, list]) => ({
    code: "field-manager-conflict",
    severity: "error",
    what: `${owner} has set ${list.join(", ")} of ${nameOf(object)}`,
    why: "Two managers of one field undo each other's changes; the API server lets only its owner change it.",
    remedy: "Take it over with `--force`, or describe its current value.",
    at: [],
  }));
}

function refused(error: ClusterFailure, object: KubernetesObject): Finding {
  return {
    code: "object-rejected",
    severity: "error",
    what: `the cluster refuses ${nameOf(object)}`,
    why: `${error.message}.`,
    remedy:
      "Change what the message names in the description; to change an immutable field, delete the object first.",
    at: [],
  };
}
