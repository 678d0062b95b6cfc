// The path of each connection, hop by hop: load balancer → node port → Service → pod → bind; or where it breaks, and whether that is certain.

import { familyBreak } from "./address-families.ts";
import type { LoadBalancer, LoadBalancerListener } from "./cloud.ts";
import { fromPod, type PodHop } from "./join/pod-hop.ts";
import { type Selection, selectionOf } from "./join/select.ts";
import { titleOf } from "./kubernetes/fields.ts";
import { hasTemplates } from "./templates.ts";
import type { PathBreak, Service, ServicePort, TrafficPath, Wiring, Workload } from "./wiring.ts";
import { isKnown, knownValue } from "./written.ts";

export type WiringParts = Omit<Wiring, "trafficPaths" | "serverPaths">;

/** One path for each workload that gets connections: several, if a Service selects several. */
export function trafficPathsOf(
  wiring: WiringParts,
  selection: Selection = selectionOf(wiring.services, wiring.workloads),
): readonly TrafficPath[] {
  const view = viewOf(wiring, selection);
  return [
    ...wiring.loadBalancers.flatMap((loadBalancer) =>
      loadBalancer.listeners.flatMap((listener) => fromListener(view, loadBalancer, listener)),
    ),
    ...wiring.services
      .filter((service) => isAboutHaproxy(view, service))
      .flatMap((service) => fromInside(view, service)),
    ...view.running.flatMap((workload) => fromHost(view, workload)),
  ];
}

/**
 * The path of a connection to a port of a node, such as a health check: one that ends at a bind, if there is one. It
 * begins at the host, without a load balancer.
 */
export function pathOfNodePort(wiring: WiringParts, port: number): TrafficPath {
  const view = viewOf(wiring, selectionOf(wiring.services, wiring.workloads));
  const trafficPaths = fromNode(view, port, { start: "host", port });
  // fromNode always gives at least one: the path that breaks at once.
  return trafficPaths.find(({ brokenAt }) => brokenAt === undefined) ?? (trafficPaths[0] as TrafficPath);
}

interface View extends WiringParts {
  readonly selection: Selection;
  /** Workloads that run a HAProxy of these files. */
  readonly running: readonly Workload[];
}

function viewOf(wiring: WiringParts, selection: Selection): View {
  const running = new Set(wiring.haproxies.map(({ runBy }) => runBy?.workload));
  const composed = [...running].flatMap((workload) => (workload?.compose === undefined ? [] : [workload]));
  const own = wiring.workloads.filter((workload) => running.has(workload));
  return { ...wiring, selection, running: [...own, ...composed] };
}

function broken(path: TrafficPath, brokenAt: PathBreak): readonly TrafficPath[] {
  return [{ ...path, brokenAt }];
}

function fromListener(
  wiring: View,
  loadBalancer: LoadBalancer,
  listener: LoadBalancerListener,
): readonly TrafficPath[] {
  const path: TrafficPath = {
    start: "load-balancer",
    port: knownValue(listener.port),
    loadBalancer,
    listener,
  };
  const { to } = listener;
  const itself = knownValue(listener.answer)?.kind ?? (listener.redirectsToHttps ? "redirect" : undefined);
  if (to.kind === "nowhere")
    return broken(path, {
      hop: "load-balancer",
      kind: "missing",
      because:
        itself === undefined ? "it has no target" : `the load balancer answers with a ${itself} itself`,
      at: listener.at,
    });
  if (to.service !== undefined) return fromNamedService(wiring, path, to.service, listener);
  if (loadBalancer.kind === "service") return fromOwnService(wiring, path, loadBalancer, listener);
  if (!isKnown(to.port))
    return broken(path, { hop: "load-balancer", kind: "unknown", because: to.port.unknown, at: to.port.at });
  return to.kind === "pod" ? fromTarget(wiring, to.port.value, path) : fromNode(wiring, to.port.value, path);
}

/** A Service's load balancer: by its node ports or straight to its pods, the pods and ports are the Service's own. */
function fromOwnService(
  wiring: View,
  path: TrafficPath,
  { id }: LoadBalancer,
  listener: LoadBalancerListener,
): readonly TrafficPath[] {
  const service = wiring.services.find(({ namespace, name }) => id === `Service ${namespace}/${name}`);
  const servicePort =
    service?.ports.find(({ at }) => at === listener.at) ??
    service?.ports.find(({ port }) => port.value === path.port);
  if (service !== undefined && servicePort !== undefined)
    return fromServicePort(wiring, service, servicePort, path);
  return broken(
    { ...path, service },
    {
      hop: "service",
      kind: "missing",
      because: service === undefined ? `${id} is not here` : `${id} has no port ${path.port ?? ""}`.trimEnd(),
      at: listener.at,
    },
  );
}

/** The Service of an Ingress, in its namespace. */
function fromNamedService(
  wiring: View,
  path: TrafficPath,
  named: NonNullable<LoadBalancerListener["to"]["service"]>,
  listener: LoadBalancerListener,
): readonly TrafficPath[] {
  const { namespace, name, port } = named;
  const service = wiring.services.find((one) => one.name === name && one.namespace === namespace);
  const servicePort = service?.ports.find(
    (one) => (typeof port === "number" ? one.port.value : one.name) === port,
  );
  if (service !== undefined && servicePort !== undefined)
    return fromServicePort(wiring, service, servicePort, path);
  const at = listener.to.port.at ?? listener.at;
  if (service !== undefined)
    return broken(
      { ...path, service },
      { hop: "service", kind: "missing", because: `${titleOf(service.object)} has no port ${port}`, at },
    );
  const because = `the Service ${namespace}/${name} is not here`;
  return broken(path, { hop: "service", kind: "unknown", because, at });
}

function fromNode(wiring: View, port: number, path: TrafficPath): readonly TrafficPath[] {
  const at = path.listener?.to.port.at ?? path.listener?.at;
  for (const service of wiring.services) {
    const servicePort = service.ports.find(
      ({ nodePort, protocol }) => nodePort?.value === port && protocol !== "UDP",
    );
    if (servicePort !== undefined) return fromServicePort(wiring, service, servicePort, path);
  }
  const onHost = wiring.running.flatMap((workload) =>
    hostHops(wiring, workload).filter((hop) => hop.hostPort === port),
  );
  if (onHost.length > 0) return onHost.map(({ hop }) => ({ ...path, ...hop }));
  const open = wiring.services.find(
    ({ type, ports }) =>
      (type === "NodePort" || type === "LoadBalancer") &&
      ports.some(({ nodePort }) => nodePort === undefined),
  );
  const none = `no Service has the node port ${port}`;
  if (wiring.services.length === 0)
    return broken(path, { hop: "service", kind: "unknown", because: "no Service is described here", at });
  if (hasTemplates(wiring.leftOut)) {
    const because = `${none}, and templates are not read`;
    return broken(path, { hop: "service", kind: "unknown", because, at });
  }
  if (open === undefined) return broken(path, { hop: "service", kind: "missing", because: none, at });
  const because = `${none}, and the cluster chooses those of ${titleOf(open.object)}`;
  return broken(path, { hop: "service", kind: "unknown", because, at });
}

/** A load balancer that targets pods directly: the files do not name them, so those that run a HAProxy with that port. */
function fromTarget(wiring: View, port: number, path: TrafficPath): readonly TrafficPath[] {
  const hops = wiring.running
    .map((workload) => fromPod(wiring, workload, port, "TCP"))
    .filter(({ bind }) => bind !== undefined);
  if (hops.length > 0) return hops.map((hop) => ({ ...path, ...hop }));
  return broken(path, {
    hop: "pod",
    kind: "unknown",
    because: `the files do not show which pods it forwards to, and no HAProxy that binds port ${port} is known to run in one`,
    at: path.listener?.to.port.at,
  });
}

function fromServicePort(
  wiring: View,
  service: Service,
  servicePort: ServicePort,
  before: TrafficPath,
): readonly TrafficPath[] {
  const path: TrafficPath = { ...before, service, servicePort };
  if (service.type === "ExternalName" || service.selector === undefined)
    return broken(path, {
      hop: "pod",
      kind: "unknown",
      because: `${titleOf(service.object)} selects no pods: its endpoints come from elsewhere`,
      at: service.at,
    });
  const workloads = wiring.selection.workloadsOf(service);
  if (workloads.length === 0)
    return broken(path, {
      hop: "pod",
      kind: wiring.workloads.length === 0 ? "unknown" : "missing",
      because:
        wiring.workloads.length === 0
          ? "no workload is described here"
          : `${titleOf(service.object)} selects the pods of no workload that is described here`,
      at: service.object.place(["spec", "selector"], { key: true }) ?? service.at,
    });
  return workloads.map((workload) => {
    const target = servicePort.targetPort;
    const hop = fromPod(wiring, workload, target.value, servicePort.protocol, target.at ?? servicePort.at);
    const whole = { ...path, ...hop };
    return { ...whole, brokenAt: whole.brokenAt ?? familyBreak(whole) };
  });
}

/** In-cluster clients. Those of a headless Service connect to the pods themselves, at the port of the pods. */
function fromInside(wiring: View, service: Service): readonly TrafficPath[] {
  return service.ports.flatMap((servicePort) => {
    const target = servicePort.targetPort.value;
    const start: TrafficPath = {
      start: "service",
      port: service.headless ? undefined : servicePort.port.value,
    };
    return fromServicePort(wiring, service, servicePort, start).map((path) =>
      service.headless
        ? { ...path, port: typeof target === "number" ? target : path.containerPort?.port.value }
        : path,
    );
  });
}

/**
 * Services in front of HAProxy, and those that seem intended for it: open on every node, or with a label of its pods. Others are in
 * front of something else.
 */
function isAboutHaproxy({ selection, running }: View, service: Service): boolean {
  if (service.type === "ExternalName" || service.selector === undefined) return false;
  const selected = selection.workloadsOf(service);
  if (selected.length > 0) return selected.some((workload) => running.includes(workload));
  const labels = Object.entries(service.selector);
  return (
    service.type !== "ClusterIP" ||
    running.some((workload) => labels.some(([name, value]) => workload.labels[name] === value))
  );
}

function fromHost(wiring: View, workload: Workload): readonly TrafficPath[] {
  return hostHops(wiring, workload).map(({ hostPort, hop }) => ({
    start: "host",
    port: hostPort,
    ...hop,
  }));
}

/** Ports that a pod opens on its node, of workloads that run a HAProxy. */
function hostHops(
  wiring: View,
  workload: Workload,
): readonly { readonly hostPort: number; readonly hop: PodHop }[] {
  if (workload.hostNetwork) {
    const layers = wiring.haproxies.filter(({ runBy }) => runBy?.workload === workload);
    const ports = layers.flatMap((layer) =>
      layer.wiring.binds.flatMap(({ kind, address }) =>
        kind === "proxy" && address.ports ? [address.ports.from] : [],
      ),
    );
    const hops = [...new Set(ports)].map((port) => ({
      hostPort: port,
      hop: fromPod(wiring, workload, port, "TCP"),
    }));
    return hops.filter(({ hop }) => hop.bind !== undefined);
  }
  return workload.containers.flatMap(({ ports }) =>
    ports.flatMap(({ hostPort, port }) =>
      hostPort === undefined
        ? []
        : [{ hostPort: hostPort.value, hop: fromPod(wiring, workload, port.value, "TCP", hostPort.at) }],
    ),
  );
}
