// A way in as one line for people: `load balancer 443 (tls) → node port 31001 → pod port 9000 → bind *:9000 accept-proxy`.
import { titleOf } from "./kubernetes/fields.ts";
import { knownValue, type Way } from "./wiring.ts";

/** Its hops in order; the last one of a way that breaks says why. */
export function describeWay(way: Way): string {
  const hops = [beginning(way), ...nodeHop(way), ...serviceHop(way), ...podHop(way), ...bindHop(way)];
  if (way.ends !== null)
    hops.push(`${way.ends.kind === "unknown" ? "not known" : "nothing"}: ${way.ends.because}`);
  return hops.join(" → ");
}

function beginning({ begins, port, listener, service }: Way): string {
  const number = port ?? "?";
  if (begins === "host") return `${service === null ? "host" : "node"} port ${number}`;
  if (begins === "service") return `${service === null ? "Service" : titleOf(service.object)} port ${number}`;
  const protocol = listener === null ? undefined : knownValue(listener.protocol);
  return `load balancer ${number}${protocol === undefined ? "" : ` (${protocol})`}`;
}

function nodeHop({ begins, listener }: Way): readonly string[] {
  if (begins !== "load-balancer" || listener === null || listener.to.kind !== "node") return [];
  const port = knownValue(listener.to.port);
  return port === undefined ? [] : [`node port ${port}`];
}

function serviceHop({ begins, listener, service, servicePort }: Way): readonly string[] {
  if (begins !== "load-balancer" || listener?.to.kind !== "service" || service === null) return [];
  return [`${titleOf(service.object)} port ${servicePort?.port.value ?? "?"}`];
}

function podHop({ containerPort, servicePort, bind, workload }: Way): readonly string[] {
  if (workload === null) return [];
  const target = servicePort?.targetPort.value;
  const port = containerPort?.port.value ?? (typeof target === "number" ? target : bind?.address.ports?.from);
  return port === undefined ? [] : [`pod port ${port}`];
}

function bindHop({ bind }: Way): readonly string[] {
  if (bind === null) return [];
  return [`bind ${bind.address.text}${bind.ssl ? " ssl" : ""}${bind.acceptProxy ? " accept-proxy" : ""}`];
}
