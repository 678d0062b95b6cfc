// The port that connections to a Service go to, and whether its pods listen on it, as far as the files show.
import { valueAt } from "../source/data.ts";
import type { HaproxyServer } from "./haproxy/wiring.ts";
import { stopsPods } from "./image-names.ts";
import type { ServiceName } from "./join/service-name.ts";
import { hasOpenPorts } from "./kubernetes/container.ts";
import { titleOf } from "./kubernetes/fields.ts";
import { isPlaceholder } from "./placeholder.ts";
import type { ServerBreak } from "./server-path.ts";
import type { ContainerPort, Service, ServicePort, Workload } from "./wiring.ts";

export interface Target {
  readonly servicePort?: ServicePort | undefined;
  /** A port of pods, if connections bypass the Service: the name of a headless Service resolves to the addresses of pods. */
  readonly direct?: number | undefined;
}

/** The port of the Service; a server without a port of its own has none. */
export function targetOf(
  { address }: HaproxyServer,
  service: Service,
  name: ServiceName | undefined,
): Target | { readonly brokenAt: ServerBreak } {
  const { ports, headless } = service;
  if (name?.port !== undefined) return byName(service, name.port);
  const port = address.ports?.relative === undefined ? address.ports?.from : undefined;
  if (port === undefined) return {};
  const same = ports.filter((one) => one.port.value === port);
  const servicePort = same.find(({ protocol }) => protocol === "TCP");
  if (headless) return { servicePort, direct: port };
  if (servicePort !== undefined || ports.length === 0) return { servicePort };
  const because =
    same.length > 0
      ? `${titleOf(service.object)} has the port ${port} for ${same[0]?.protocol} only`
      : `${titleOf(service.object)} has no port ${port}, only ${listed(ports)}`;
  return { brokenAt: { fault: "port-missing", effect: "timeout", because, at: address.at } };
}

/** An SRV record has the port (Kubernetes, "DNS for Services and Pods", SRV records). */
function byName(
  service: Service,
  { name, protocol }: NonNullable<ServiceName["port"]>,
): Target | { readonly brokenAt: ServerBreak } {
  const servicePort = service.ports.find((one) => one.name === name && one.protocol === protocol);
  if (servicePort !== undefined) return { servicePort };
  const because = `${titleOf(service.object)} has no port named ${name} for ${protocol}`;
  return { brokenAt: { fault: "port-missing", effect: "nxdomain", because, at: service.at } };
}

function listed(ports: readonly ServicePort[]): string {
  return ports.map(({ port }) => port.value).join(", ");
}

/** Why a workload has no pod with this name, or no pod at all; undefined: it has one. */
export function podsOfName(
  service: Service,
  workload: Workload,
  name: ServiceName | undefined,
  isScaled: boolean,
): Omit<ServerBreak, "effect"> | undefined {
  const { replicas } = workload;
  if (replicas?.value === 0 && !isScaled)
    return {
      fault: "no-endpoints",
      because: `${titleOf(workload.object)} has no pod: replicas is 0`,
      at: replicas.at ?? workload.at,
    };
  const unpulled = [...workload.initContainers, ...workload.containers].find(
    ({ image }) => image !== undefined && stopsPods(image.value),
  );
  if (unpulled !== undefined)
    return {
      fault: "image-invalid",
      because: `no pod of ${titleOf(workload.object)} starts: the image of \`${unpulled.name}\` is not a valid reference`,
      at: unpulled.image?.at ?? unpulled.at,
    };
  const probe = workload.containers.flatMap(({ ports, probes: { readiness } }) =>
    typeof readiness?.port?.value === "string" && !ports.some((one) => one.name === readiness.port?.value)
      ? [readiness]
      : [],
  )[0];
  if (probe !== undefined && !service.publishesNotReady)
    return {
      fault: "no-endpoints",
      because: `no pod of ${titleOf(workload.object)} becomes ready: its readiness probe uses a port named ${probe.port?.value}, which the container does not have`,
      at: probe.port?.at ?? probe.at,
    };
  return name?.pod === undefined ? undefined : podNamed(service, workload, name.pod);
}

/** Kubernetes, "StatefulSets", stable network ID, and "DNS for Services and Pods", hostname and subdomain. */
function podNamed(
  service: Service,
  workload: Workload,
  pod: string,
): Omit<ServerBreak, "effect"> | undefined {
  const { object, kind, name, replicas, podPath } = workload;
  const missing = (because: string, at = workload.at) => ({ fault: "pod-missing" as const, because, at });
  if (!service.headless)
    return missing(`${titleOf(service.object)} is not headless: its pods have no names`, service.at);
  if (kind !== "StatefulSet") {
    const [hostname, subdomain] = ["hostname", "subdomain"].map((key) =>
      valueAt(object.data, [...podPath, key]),
    );
    return hostname === pod && subdomain === service.name
      ? undefined
      : missing(`no pod of ${titleOf(object)} is named ${pod}`);
  }
  const governing = valueAt(object.data, ["spec", "serviceName"]);
  if (governing !== service.name)
    return missing(
      `the pods of ${titleOf(object)} have names in the Service ${typeof governing === "string" ? governing : "that `serviceName` names"}, not in ${service.name}`,
      object.place(["spec", "serviceName"]) ?? workload.at,
    );
  const [, own, ordinal] = /^(.+)-(\d+)$/.exec(pod) ?? [];
  const start = Number(valueAt(object.data, ["spec", "ordinals", "start"]) ?? 0);
  if (own !== name) return missing(`no pod of ${titleOf(object)} is named ${pod}`);
  const last = start + (replicas?.value ?? 1) - 1;
  return Number(ordinal) < start || Number(ordinal) > last
    ? missing(
        `${titleOf(object)} has no pod ${pod}: its last one is ${name}-${last}`,
        replicas?.at ?? workload.at,
      )
    : undefined;
}

/** `bound`: ports of a HAProxy in these pods. */
export function listeningOn(
  service: Service,
  workload: Workload,
  { servicePort, direct }: Target,
  bound: readonly number[],
): {
  readonly podPort?: number | undefined;
  readonly containerPort?: ContainerPort | undefined;
  readonly brokenAt?: ServerBreak | undefined;
} {
  const declared = workload.containers.flatMap(({ ports }) => ports);
  const fail = (because: string, at: ServerBreak["at"]) => ({
    brokenAt: { fault: "pod-port-missing" as const, effect: "refused" as const, because, at },
  });
  const target = servicePort?.targetPort;
  const isOpen = isPlaceholder(target?.value) || hasOpenPorts(workload) || workload.containers.length === 0;
  if (typeof target?.value === "string" && direct === undefined) {
    const found = declared.find(({ name }) => name === target.value);
    if (found !== undefined) return { podPort: found.port.value, containerPort: found };
    if (isOpen) return notKnown(workload, target.at ?? service.at);
    const because = `no container of ${titleOf(workload.object)} has a port named ${target.value}`;
    return fail(because, target.at ?? service.at);
  }
  const podPort = direct ?? (typeof target?.value === "number" ? target.value : undefined);
  if (podPort === undefined) return {};
  const containerPort = declared.find(({ port }) => port.value === podPort);
  if (containerPort !== undefined || isListening(workload, podPort, bound)) return { podPort, containerPort };
  if (isOpen) return { podPort, ...notKnown(workload, target?.at ?? service.at) };
  const isElsewhere = typeof target?.value === "string" || (target !== undefined && target.value !== podPort);
  if (direct !== undefined && isElsewhere)
    return fail(
      `${titleOf(service.object)} is headless and maps no port: connections go to port ${direct} of its pods, not to its \`targetPort\` ${target?.value}`,
      target?.at ?? servicePort?.at ?? service.at,
    );
  // A container that lists no port probably listens on it.
  if (workload.containers.some(({ ports }) => ports.length === 0)) return { podPort };
  const listed = declared.map(({ port }) => port.value).join(", ");
  const because = `no container of ${titleOf(workload.object)} lists the port ${podPort}, only ${listed}`;
  const place = target?.at ?? servicePort?.at ?? service.at;
  return {
    podPort,
    brokenAt: { fault: "pod-port-undeclared", effect: undefined, because, at: place },
  };
}

function notKnown({ object }: Workload, at: ServerBreak["at"]): { readonly brokenAt: ServerBreak } {
  const because = `the ports of ${titleOf(object)} are not known`;
  return { brokenAt: { fault: "pods-unknown", effect: undefined, because, at } };
}

/** A port that a probe uses is one that the pod listens on. */
function isListening({ containers }: Workload, port: number, bound: readonly number[]): boolean {
  return (
    bound.includes(port) ||
    containers.some(({ probes }) => Object.values(probes).some((probe) => probe?.port?.value === port))
  );
}
