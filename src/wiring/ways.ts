// Every way in, hop by hop: load balancer → node port → Service → pod → bind; or where it breaks, and whether that is known.

import { fromPod, type PodHop } from "./join/pod-hop.ts";
import { selects } from "./join/select.ts";
import { titleOf } from "./kubernetes/fields.ts";
import {
  isKnown,
  knownValue,
  type LoadBalancer,
  type LoadBalancerListener,
  type Service,
  type ServicePort,
  type Way,
  type Wiring,
  type Workload,
} from "./wiring.ts";

export type WiringParts = Omit<Wiring, "ways">;

/** One way for each workload that connections come to: several, where a Service selects several. */
export function waysOf(wiring: WiringParts): readonly Way[] {
  return [
    ...wiring.loadBalancers.flatMap((loadBalancer) =>
      loadBalancer.listeners.flatMap((listener) => fromListener(wiring, loadBalancer, listener)),
    ),
    ...wiring.services
      .filter((service) => isAboutHaproxy(wiring, service))
      .flatMap((service) => fromInside(wiring, service)),
    ...wiring.workloads.flatMap((workload) => fromHost(wiring, workload)),
  ];
}

/**
 * The way of a connection to that port of a node, as a health check takes it: one that leads to a bind where there is one. It
 * begins at the host, without a load balancer.
 */
export function wayOfNodePort(wiring: WiringParts, port: number): Way {
  const ways = fromNode(wiring, port, { ...NOTHING, begins: "host", port });
  // fromNode always gives at least one: the way that breaks at once.
  return ways.find(({ ends }) => ends === null) ?? (ways[0] as Way);
}

const NOTHING: Omit<Way, "begins" | "port"> = {
  loadBalancer: null,
  listener: null,
  service: null,
  servicePort: null,
  workload: null,
  container: null,
  containerPort: null,
  haproxy: null,
  bind: null,
  proxy: null,
  ends: null,
};

function broken(way: Way, ends: NonNullable<Way["ends"]>): readonly Way[] {
  return [{ ...way, ends }];
}

function fromListener(
  wiring: WiringParts,
  loadBalancer: LoadBalancer,
  listener: LoadBalancerListener,
): readonly Way[] {
  const way: Way = {
    ...NOTHING,
    begins: "load-balancer",
    port: knownValue(listener.port),
    loadBalancer,
    listener,
  };
  const { to } = listener;
  if (to.kind === "nowhere")
    return broken(way, {
      hop: "load-balancer",
      kind: "missing",
      because: listener.redirectsToHttps
        ? "the load balancer answers with a redirect itself"
        : "it forwards nowhere",
      at: listener.at,
    });
  if (!isKnown(to.port))
    return broken(way, { hop: "load-balancer", kind: "unknown", because: to.port.unknown, at: to.port.at });
  const port = to.port.value;
  if (to.kind === "node") return fromNode(wiring, port, way);
  if (to.kind === "pod") return fromTarget(wiring, port, way);
  const service = wiring.services.find((one) => loadBalancer.id === `Service ${one.namespace}/${one.name}`);
  const servicePort = service?.ports.find((one) => one.port.value === port);
  if (service === undefined || servicePort === undefined)
    return broken(
      { ...way, service: service ?? null },
      {
        hop: "service",
        kind: "missing",
        because:
          service === undefined ? `${loadBalancer.id} is not here` : `${loadBalancer.id} has no port ${port}`,
        at: to.port.at ?? listener.at,
      },
    );
  return fromServicePort(wiring, service, servicePort, way);
}

function fromNode(wiring: WiringParts, port: number, way: Way): readonly Way[] {
  const at = way.listener === null ? null : (way.listener.to.port.at ?? way.listener.at);
  for (const service of wiring.services) {
    const servicePort = service.ports.find(
      ({ nodePort, protocol }) => nodePort?.value === port && protocol !== "UDP",
    );
    if (servicePort !== undefined) return fromServicePort(wiring, service, servicePort, way);
  }
  const onHost = wiring.workloads.flatMap((workload) =>
    hostHops(wiring, workload).filter((hop) => hop.hostPort === port),
  );
  if (onHost.length > 0) return onHost.map(({ hop }) => ({ ...way, ...hop }));
  const open = wiring.services.find(
    ({ type, ports }) =>
      (type === "NodePort" || type === "LoadBalancer") && ports.some(({ nodePort }) => nodePort === null),
  );
  const because =
    wiring.services.length === 0
      ? "no Service is described here"
      : open === undefined
        ? `no Service has the node port ${port}`
        : `no Service has the node port ${port}, and the cluster chooses those of ${titleOf(open.object)}`;
  const kind = wiring.services.length === 0 || open !== undefined ? "unknown" : "missing";
  return broken(way, { hop: "service", kind, because, at });
}

/** A load balancer that knows the pods: the files do not say which, so the ones that run a HAProxy with that port. */
function fromTarget(wiring: WiringParts, port: number, way: Way): readonly Way[] {
  const hops = haproxyWorkloads(wiring)
    .map((workload) => fromPod(wiring, workload, port, "TCP"))
    .filter(({ bind }) => bind !== null);
  if (hops.length > 0) return hops.map((hop) => ({ ...way, ...hop }));
  return broken(way, {
    hop: "pod",
    kind: "unknown",
    because: `nothing here says which pods it forwards to, and no HAProxy that binds port ${port} is known to run in one`,
    at: way.listener?.to.port.at ?? null,
  });
}

function fromServicePort(
  wiring: WiringParts,
  service: Service,
  servicePort: ServicePort,
  before: Way,
): readonly Way[] {
  const way: Way = { ...before, service, servicePort };
  if (service.type === "ExternalName" || service.selector === null)
    return broken(way, {
      hop: "pod",
      kind: "unknown",
      because: `${titleOf(service.object)} selects no pods: its endpoints come from elsewhere`,
      at: service.at,
    });
  const workloads = wiring.workloads.filter((workload) => selects(service, workload));
  if (workloads.length === 0)
    return broken(way, {
      hop: "pod",
      kind: wiring.workloads.length === 0 ? "unknown" : "missing",
      because:
        wiring.workloads.length === 0
          ? "no workload is described here"
          : `${titleOf(service.object)} selects the pods of no workload that is described here`,
      at: service.object.place(["spec", "selector"], { key: true }) ?? service.at,
    });
  return workloads.map((workload) => ({
    ...way,
    ...fromPod(
      wiring,
      workload,
      servicePort.targetPort.value,
      servicePort.protocol,
      servicePort.targetPort.at ?? servicePort.at,
    ),
  }));
}

/** Callers in the cluster. Those of a headless Service come to the pods themselves, at the pods' own port. */
function fromInside(wiring: WiringParts, service: Service): readonly Way[] {
  return service.ports.flatMap((servicePort) => {
    const target = servicePort.targetPort.value;
    const start: Way = {
      ...NOTHING,
      begins: "service",
      port: service.headless ? undefined : servicePort.port.value,
    };
    return fromServicePort(wiring, service, servicePort, start).map((way) =>
      service.headless
        ? { ...way, port: typeof target === "number" ? target : way.containerPort?.port.value }
        : way,
    );
  });
}

/**
 * Services in front of HAProxy, and those that seem meant to be: open on every node, or with a label of its pods. Others are in
 * front of something else.
 */
function isAboutHaproxy(wiring: WiringParts, service: Service): boolean {
  if (service.type === "ExternalName" || service.selector === null) return false;
  const running = haproxyWorkloads(wiring);
  if (wiring.workloads.some((workload) => selects(service, workload)))
    return running.some((workload) => selects(service, workload));
  const labels = Object.entries(service.selector);
  return (
    service.type !== "ClusterIP" ||
    running.some((workload) => labels.some(([name, value]) => workload.labels[name] === value))
  );
}

function fromHost(wiring: WiringParts, workload: Workload): readonly Way[] {
  return hostHops(wiring, workload).map(({ hostPort, hop }) => ({
    ...NOTHING,
    begins: "host",
    port: hostPort,
    ...hop,
  }));
}

/** Ports that a pod opens on its node, of workloads that run a HAProxy. */
function hostHops(
  wiring: WiringParts,
  workload: Workload,
): readonly { readonly hostPort: number; readonly hop: PodHop }[] {
  if (!haproxyWorkloads(wiring).includes(workload)) return [];
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
    return hops.filter(({ hop }) => hop.bind !== null);
  }
  return workload.containers.flatMap(({ ports }) =>
    ports.flatMap(({ hostPort, port }) =>
      hostPort === null
        ? []
        : [{ hostPort: hostPort.value, hop: fromPod(wiring, workload, port.value, "TCP", hostPort.at) }],
    ),
  );
}

function haproxyWorkloads({ haproxies, workloads }: WiringParts): readonly Workload[] {
  const running = new Set(haproxies.map(({ runBy }) => runBy?.workload));
  return workloads.filter((workload) => running.has(workload));
}
