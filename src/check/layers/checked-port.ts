// The bind that answers a load balancer's health check or a pod's probe.

import type { LoadBalancerHealthCheck, LoadBalancerListener } from "../../wiring/cloud.ts";
import { isLoopback } from "../../wiring/haproxy/address.ts";
import type { HaproxyBind, HaproxyProxy } from "../../wiring/haproxy/wiring.ts";
import { fromPod } from "../../wiring/join/pod-hop.ts";
import { pathOfNodePort } from "../../wiring/traffic-paths.ts";
import type {
  Container,
  ContainerPort,
  HaproxyLayer,
  ServicePort,
  TrafficPath,
  Wiring,
} from "../../wiring/wiring.ts";
import { knownValue } from "../../wiring/written.ts";

export interface CheckedBind {
  readonly haproxy: HaproxyLayer;
  readonly proxy: HaproxyProxy;
  readonly bind: HaproxyBind;
  readonly servicePort?: ServicePort | undefined;
  readonly trafficPath?: TrafficPath | undefined;
}

/** The port of the target that is checked; undefined: not known. */
export function checkedPort(
  check: LoadBalancerHealthCheck,
  listener: LoadBalancerListener,
): number | undefined {
  const port = knownValue(check.port);
  return port === "traffic" ? knownValue(listener.to.port) : port;
}

/** The path of a connection to a node's port; undefined: no Service and no host port forwards it. */
export function pathFromNode(wiring: Wiring, port: number): TrafficPath | undefined {
  const trafficPath = pathOfNodePort(wiring, port);
  return trafficPath.service === undefined && trafficPath.workload === undefined ? undefined : trafficPath;
}

/** The path of a health check's connection; undefined: it is not forwarded, or its target is not known. */
export function pathOfCheck(
  wiring: Wiring,
  check: LoadBalancerHealthCheck,
  listener: LoadBalancerListener,
  port: number,
): TrafficPath | undefined {
  const { kind } = listener.to;
  if (kind === "node") return pathFromNode(wiring, port);
  const own = wiring.trafficPaths.filter((path) => path.listener === listener);
  if (knownValue(check.port) === "traffic") return own.find(({ bind }) => bind !== undefined) ?? own[0];
  if (kind === "service") return pathFromNode(wiring, port);
  const workload = own.find((path) => path.workload !== undefined)?.workload;
  if (workload === undefined) return undefined;
  return { start: "load-balancer", port, ...fromPod(wiring, workload, port, "TCP", check.port.at) };
}

/** The bind of a container's HAProxy that listens at a port or at a named one. */
export function bindOf(wiring: Wiring, container: Container, port: number | string): CheckedBind | undefined {
  const number = typeof port === "number" ? port : namedPort(container, port)?.port.value;
  const haproxy = wiring.haproxies.find(({ runBy }) => runBy?.container === container);
  if (haproxy === undefined || number === undefined) return undefined;
  for (const proxy of haproxy.wiring.proxies) {
    const bind = proxy.binds.find((one) => listensAt(one, number));
    if (bind !== undefined) return { haproxy, proxy, bind };
  }
  return undefined;
}

export function namedPort(container: Container, name: string): ContainerPort | undefined {
  return container.ports.find((port) => port.name === name);
}

/** For connections from outside the pod: not on loopback, nor on a socket. */
export function listensAt({ address }: HaproxyBind, port: number): boolean {
  const { ports, prefix } = address;
  return (
    ports !== undefined &&
    port >= ports.from &&
    port <= ports.to &&
    !/^quic/.test(prefix ?? "") &&
    !isLoopback(address)
  );
}

/** Whether a bind's ports are all known: with an environment variable or a file descriptor they are not. */
export function portsKnown(haproxy: HaproxyLayer): boolean {
  return haproxy.wiring.binds.every(
    ({ kind, address }) => kind !== "proxy" || address.ports !== undefined || address.kind === "path",
  );
}
