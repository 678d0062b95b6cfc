// From a port of a pod to its bind.
import type { Position } from "../../findings/finding.ts";
import { isLoopback } from "../haproxy/address.ts";
import type { HaproxyBind } from "../haproxy/wiring.ts";
import { hasOpenPorts } from "../kubernetes/container.ts";
import { isPlaceholder } from "../placeholder.ts";
import type { Container, ContainerPort, HaproxyLayer, TrafficPath, Wiring, Workload } from "../wiring.ts";

export type PodHop = Pick<
  TrafficPath,
  "workload" | "container" | "containerPort" | "haproxy" | "bind" | "proxy" | "brokenAt"
>;

/** `target`: a number, or the name of a container's port. `at`: where that is written. */
export function fromPod(
  wiring: Pick<Wiring, "haproxies">,
  workload: Workload,
  target: number | string,
  protocol: string,
  at?: Position,
): PodHop {
  const layers = wiring.haproxies.filter(({ runBy }) => runBy?.workload === workload);
  const named = portNamed(workload, target);
  if (typeof target === "string" && named === undefined)
    return {
      workload,
      brokenAt: {
        hop: "pod",
        kind: isPlaceholder(target) || hasOpenPorts(workload) ? "unknown" : "missing",
        because: `no container of ${workload.kind} ${workload.name} has a port named ${target}`,
        at,
      },
    };
  const port = named?.port.port.value ?? Number(target);
  const container = named?.container ?? layers[0]?.runBy?.container ?? onlyContainer(workload);
  const pod = { workload, container, containerPort: named?.port };
  const here = named?.port.at ?? at;
  if (layers.length === 0)
    return {
      ...pod,
      brokenAt: {
        hop: "haproxy",
        kind: "unknown",
        because: `no HAProxy configuration is known to run in the pods of ${workload.kind} ${workload.name}`,
        at: here,
      },
    };
  const found = bindAtPort(layers, port, protocol, here);
  const others = named !== undefined && layers.every(({ runBy }) => runBy?.container !== named.container);
  if (found.bind !== undefined || !others) return { ...pod, ...found };
  return {
    ...pod,
    brokenAt: {
      hop: "haproxy",
      kind: "unknown",
      because: `port ${port} is one of container ${named.container.name}, which runs no HAProxy of these files`,
      at: here,
    },
  };
}

function portNamed(
  { containers }: Workload,
  target: number | string,
): { readonly container: Container; readonly port: ContainerPort } | undefined {
  for (const container of containers) {
    const port = container.ports.find(
      ({ name, port }) => (typeof target === "string" ? name : port.value) === target,
    );
    if (port !== undefined) return { container, port };
  }
  return undefined;
}

/** A port that no container names belongs to an unknown one if there are several. */
function onlyContainer({ containers }: Workload): Container | undefined {
  return containers.length === 1 ? containers[0] : undefined;
}

function bindAtPort(
  layers: readonly HaproxyLayer[],
  port: number,
  protocol: string,
  at: Position | undefined,
): Pick<PodHop, "haproxy" | "bind" | "proxy" | "brokenAt"> {
  const haproxy = layers[0];
  let loopback: HaproxyBind | undefined;
  let symbolic: HaproxyBind | undefined;
  for (const haproxy of layers) {
    for (const bind of haproxy.wiring.binds) {
      if (bind.address.kind === "variable") symbolic ??= bind;
      if (!listensOn(bind, port, protocol)) continue;
      if (isLoopback(bind.address)) loopback ??= bind;
      else
        return {
          haproxy,
          bind,
          proxy: haproxy.wiring.proxies.find(({ binds }) => binds.includes(bind)),
        };
    }
  }
  const known = `HAProxy binds ${port} on ${loopback?.address.host} only`;
  if (loopback !== undefined)
    return {
      haproxy,
      brokenAt: { hop: "haproxy", kind: "missing", because: known, at: loopback.address.at },
    };
  if (symbolic !== undefined)
    return {
      haproxy,
      brokenAt: {
        hop: "haproxy",
        kind: "unknown",
        because: `no bind has the port ${port}, and that of \`${symbolic.address.text}\` is known when HAProxy starts`,
        at: symbolic.address.at,
      },
    };
  return {
    haproxy,
    brokenAt: {
      hop: "haproxy",
      kind: layers.some(runsOthers) ? "unknown" : "missing",
      because: `no bind of HAProxy has the port ${port}`,
      at,
    },
  };
}

/** Programs next to HAProxy may listen: `program` sections, and the Data Plane API in the images of HAProxy Technologies. */
function runsOthers({ config, runBy }: HaproxyLayer): boolean {
  return (
    /haproxytech\//.test(runBy?.container.image?.value ?? "") ||
    config.sections.some(({ kind }) => kind === "program")
  );
}

function listensOn({ address }: HaproxyBind, port: number, protocol: string): boolean {
  const { ports, prefix } = address;
  if (ports === undefined || ports.relative !== undefined || port < ports.from || port > ports.to)
    return false;
  return /^(?:quic|udp|dgram)/.test(prefix ?? "") === (protocol === "UDP");
}
