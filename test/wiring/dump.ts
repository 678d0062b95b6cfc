// A Wiring as text that can be compared with its files by eye.
import type { Position } from "../../src/findings/finding.ts";
import type { Container, Probe, TrafficPath, Wiring } from "../../src/wiring/wiring.ts";
import { type Known, knownValue, type Written } from "../../src/wiring/written.ts";

export function dump(wiring: Wiring): string {
  const lines: string[] = [];
  for (const { id, listeners } of wiring.loadBalancers) {
    lines.push(`load balancer ${id}`);
    for (const { port, protocol, to, proxyProtocol } of listeners)
      lines.push(`  ${of(port)} ${of(protocol)} to ${to.kind} ${of(to.port)}, proxy ${of(proxyProtocol)}`);
  }
  for (const { namespace, name, type, selector, ports, at } of wiring.services) {
    lines.push(`service ${namespace}/${name} ${type} ${JSON.stringify(selector)} at ${full(at)}`);
    for (const port of ports) {
      const node = port.nodePort === undefined ? "none" : said(port.nodePort);
      lines.push(
        `  ${port.name} ${port.protocol} ${said(port.port)}, target ${said(port.targetPort)}, node ${node}`,
      );
    }
  }
  for (const {
    object,
    kind,
    namespace,
    name,
    labels,
    replicas,
    gracePeriodS,
    containers,
    at,
  } of wiring.workloads) {
    lines.push(
      `workload ${kind} ${namespace}/${name} ${object.apiVersion} ${JSON.stringify(labels)} at ${full(at)}`,
    );
    lines.push(`  replicas ${replicas === undefined ? "none" : said(replicas)}, grace ${said(gracePeriodS)}`);
    for (const container of containers) lines.push(...containerLines(container));
  }
  for (const { file, base } of wiring.images) lines.push(`image ${file} from ${of(base)}`);
  for (const { config, from, runBy, image, wiring: haproxy } of wiring.haproxies) {
    const runner = runBy === undefined ? "nobody" : `${runBy.workload.kind} ${runBy.workload.name}`;
    lines.push(`haproxy ${config.file} from ${from}, run by ${runner}, image ${image?.file ?? "none"}`);
    for (const { kind, owner, address, acceptProxy } of haproxy.binds)
      if (kind === "proxy")
        lines.push(`  ${owner} ${address.text}${acceptProxy ? " proxy" : ""} at ${full(address.at)}`);
  }
  lines.push(...wiring.trafficPaths.map((path) => `path ${pathLine(path)}`));
  return `${lines.join("\n")}\n`;
}

/** `load-balancer 80 > 31000 > 8000 > http > FRONTEND`: node port, target port, name of the container's port. */
export function pathLine({ start, port, servicePort, containerPort, proxy, brokenAt }: TrafficPath): string {
  const node = servicePort?.nodePort?.value ?? "-";
  const end =
    brokenAt === undefined ? (proxy?.name ?? "-") : `${brokenAt.hop} ${brokenAt.kind}: ${brokenAt.because}`;
  return `${start} ${port} > ${node} > ${servicePort?.targetPort.value ?? "-"} > ${containerPort?.name ?? "-"} > ${end}`;
}

function containerLines({ name, image, ports, probes }: Container): readonly string[] {
  return [
    `  container ${name}, image ${image === undefined ? "none" : said(image)}`,
    ...ports.map((port) => `    port ${port.name} ${said(port.port)}`),
    ...(probes.readiness === undefined ? [] : [`    readiness ${probeText(probes.readiness)}`]),
  ];
}

function probeText(probe: Probe): string {
  return `${probe.kind} ${probe.port === undefined ? "" : said(probe.port)}, after ${said(probe.initialDelayS)}, every ${said(probe.periodS)}, timeout ${said(probe.timeoutS)}, ${said(probe.successes)} and ${said(probe.failures)}`;
}

function said({ value, at }: Written<unknown>): string {
  return `${value} ${at === undefined ? "by default" : `at ${at.line}:${at.column}`}`;
}

function of(known: Known<unknown>): unknown {
  return knownValue(known) ?? "unknown";
}

function full({ file, line, column }: Position): string {
  return `${file}:${line}:${column}`;
}
