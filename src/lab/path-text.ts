// A traffic path as text: every hop from the client's port to HAProxy's bind, or to where it breaks.
import type { LoadBalancerListener } from "../wiring/cloud.ts";
import type { PathBreak, TrafficPath } from "../wiring/wiring.ts";
import { isKnown, type Known, knownValue } from "../wiring/written.ts";
import { placeText } from "./blocked.ts";
import { type ExternalLoadBalancer, readsRequests } from "./external-load-balancer.ts";

/**
 * `load balancer 443 tls, PROXY v1 → node port 31001 → pod port 9000 → bind *:9000 accept-proxy`. `external` is the
 * load balancer where no layer describes it.
 */
export function trafficPathText(path: TrafficPath, external?: ExternalLoadBalancer): string {
  const begin = path.start === "bind" ? [] : [beginText(path, external), ...serviceHop(path)];
  const hops = [...begin, ...podHop(path), ...bindHop(path, external)];
  return path.brokenAt === undefined ? hops.join(" → ") : `${hops.join(" → ")} ✗ ${breakText(path.brokenAt)}`;
}

/** Where a path breaks: `no Service has the node port 31009 (elb.tf:14)`. */
export function breakText({ because, at }: PathBreak): string {
  return `${because}${placeText(at)}`;
}

function beginText(
  { start, port, listener, service }: TrafficPath,
  external: ExternalLoadBalancer | undefined,
): string {
  const number = port ?? "?";
  if (start === "service") return `Service ${service?.name ?? "?"} port ${number}`;
  const host = service === undefined ? "host" : "node";
  const what = start === "host" ? host : "load balancer";
  if (external !== undefined) return `${what} port ${number}${externalText(external)}`;
  return start === "host" || listener === undefined
    ? `${what} port ${number}`
    : `${what} ${number} ${listenerText(listener)}`;
}

function externalText({ protocol, proxyProtocol }: ExternalLoadBalancer): string {
  const hints = [
    ...(protocol === "tls" || protocol === "https" ? ["TLS is terminated before it"] : []),
    ...(readsRequests({ protocol }) ? ["gets X-Forwarded-For"] : []),
    ...(proxyProtocol === "none" ? [] : [`gets PROXY ${proxyProtocol}`]),
  ];
  return hints.length === 0 ? "" : ` (${hints.join(", ")})`;
}

function listenerText({ protocol, proxyProtocol, targetProtocol }: LoadBalancerListener): string {
  const proxy = knownValue(proxyProtocol);
  const targetProtocolName = knownValue(targetProtocol);
  const toTargets =
    targetProtocolName === "tls" || targetProtocolName === "https"
      ? `, ${targetProtocolName} to its targets`
      : "";
  return `${knownText(protocol)}${proxy === "none" ? "" : `, PROXY ${knownText(proxyProtocol)}`}${toTargets}`;
}

function serviceHop({ start, listener, service, servicePort }: TrafficPath): readonly string[] {
  if (start === "service") return [];
  const to = listener?.to;
  if (to?.kind === "node") return [`node port ${knownText(to.port)}`];
  if (to?.kind === "pod") return [];
  return service === undefined ? [] : [`Service ${service.name} port ${servicePort?.port.value ?? "?"}`];
}

function podHop({ containerPort, servicePort, listener, workload }: TrafficPath): readonly string[] {
  if (workload === undefined) return [];
  const port =
    containerPort?.port.value ??
    servicePort?.targetPort.value ??
    (listener?.to.kind === "pod" ? knownValue(listener.to.port) : undefined);
  return port === undefined ? [] : [`${workload.compose === undefined ? "pod" : "container"} port ${port}`];
}

function bindHop(
  { start, bind, proxy, listener }: TrafficPath,
  external: ExternalLoadBalancer | undefined,
): readonly string[] {
  if (bind === undefined) return [];
  const expects = bind.acceptProxy || (proxy?.expectProxy.length ?? 0) > 0;
  const sent = external?.proxyProtocol ?? knownValue(listener?.proxyProtocol);
  const fault = expects ? ", which expects a PROXY header" : ", which reads the PROXY header as a request";
  const differs = sent === undefined || (sent !== "none") === expects ? "" : fault;
  const words = `${bind.ssl ? " ssl" : ""}${bind.acceptProxy ? " accept-proxy" : ""}`;
  const owner = start === "bind" && proxy !== undefined ? `${proxy.kind} ${proxy.name}, ` : "";
  return [`${owner}bind ${bind.address.text}${words}${differs}`];
}

function knownText(known: Known<string | number>): string {
  return isKnown(known) ? String(known.value) : "unknown";
}
