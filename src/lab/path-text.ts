// A way in, in words: every hop from the port that a client comes to, to HAProxy's bind, or to where it breaks.
import type { LoadBalancerListener, TrafficPath } from "../wiring/wiring.ts";
import { isKnown, type Known, knownValue } from "../wiring/wiring.ts";
import { placeText } from "./blocked.ts";
import { type ExternalLoadBalancer, readsRequests } from "./external-load-balancer.ts";

/**
 * `load balancer 443 tls, PROXY v1 → node port 31001 → pod port 9000 → bind *:9000 accept-proxy`. `front` is what stands in front
 * of its port where no layer says it.
 */
export function trafficPathText(path: TrafficPath, front?: ExternalLoadBalancer): string {
  const hops = [beginText(path, front), ...serviceHop(path), ...podHop(path), ...bindHop(path, front)];
  return path.ends === null ? hops.join(" → ") : `${hops.join(" → ")} ✗ ${breakText(path.ends)}`;
}

/** Why a way leads nowhere: `no Service has the node port 31009 (elb.tf:14)`. */
export function breakText({ because, at }: NonNullable<TrafficPath["ends"]>): string {
  return `${because}${placeText(at)}`;
}

function beginText(
  { begins, port, listener, service }: TrafficPath,
  front: ExternalLoadBalancer | undefined,
): string {
  const number = port ?? "?";
  if (begins === "service") return `Service ${service?.name ?? "?"} port ${number}`;
  const what = begins === "host" ? (service === null ? "host" : "node") : "load balancer";
  if (front !== undefined) return `${what} port ${number}${externalText(front)}`;
  return begins === "host" || listener === null
    ? `${what} port ${number}`
    : `${what} ${number} ${listenerText(listener)}`;
}

function externalText({ protocol, proxyProtocol }: ExternalLoadBalancer): string {
  const said = [
    ...(protocol === "tls" || protocol === "https" ? ["TLS ends in front of it"] : []),
    ...(readsRequests({ protocol }) ? ["X-Forwarded-For is sent to it"] : []),
    ...(proxyProtocol === "none" ? [] : [`PROXY ${proxyProtocol} is sent to it`]),
  ];
  return said.length === 0 ? "" : ` (${said.join(", ")})`;
}

function listenerText({ protocol, proxyProtocol, targetProtocol }: LoadBalancerListener): string {
  const proxy = knownValue(proxyProtocol);
  const spoken = knownValue(targetProtocol);
  const again = spoken === "tls" || spoken === "https" ? `, ${spoken} to its targets` : "";
  return `${said(protocol)}${proxy === "none" ? "" : `, PROXY ${said(proxyProtocol)}`}${again}`;
}

function serviceHop({ begins, listener, service, servicePort }: TrafficPath): readonly string[] {
  if (begins === "service") return [];
  const to = listener?.to;
  if (to?.kind === "node") return [`node port ${said(to.port)}`];
  if (to?.kind === "pod") return [];
  return service === null ? [] : [`Service ${service.name} port ${servicePort?.port.value ?? "?"}`];
}

function podHop({ containerPort, servicePort, listener, workload }: TrafficPath): readonly string[] {
  if (workload === null) return [];
  const port =
    containerPort?.port.value ??
    servicePort?.targetPort.value ??
    (listener?.to.kind === "pod" ? knownValue(listener.to.port) : undefined);
  return port === undefined ? [] : [`pod port ${port}`];
}

function bindHop(
  { bind, proxy, listener }: TrafficPath,
  front: ExternalLoadBalancer | undefined,
): readonly string[] {
  if (bind === null) return [];
  const expects = bind.acceptProxy || (proxy?.expectProxy.length ?? 0) > 0;
  const sent = front?.proxyProtocol ?? (listener === null ? undefined : knownValue(listener.proxyProtocol));
  const differs =
    sent === undefined || (sent !== "none") === expects
      ? ""
      : expects
        ? ", which waits for a PROXY header"
        : ", which takes a PROXY header for a request";
  const words = `${bind.ssl ? " ssl" : ""}${bind.acceptProxy ? " accept-proxy" : ""}`;
  return [`bind ${bind.address.text}${words}${differs}`];
}

function said(known: Known<string | number>): string {
  return isKnown(known) ? String(known.value) : "unknown";
}
