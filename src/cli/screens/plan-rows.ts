// What the plan's screen says of the edge as a whole: a row a decision.
import { formatDurationMs } from "../../plan/durations.ts";
import type { ListenerPlan, Plan } from "../../plan/plan.ts";
import { leafRows } from "./leaf-rows.ts";

export interface Row {
  readonly name: string;
  readonly value: string;
  readonly because?: string | undefined;
}

/** Node ports where the plan fixes them: elsewhere there are none, or they are for the cloud's controller to choose. */
export function loadBalancerRows({ loadBalancer, kubernetes, drain }: Plan): readonly Row[] {
  const ports = loadBalancer.ports.map(
    ({ listener, port, nodePort, protocol, proxyProtocol, certificate }) => ({
      name: `${port.value} ${protocol}`,
      value: `→ ${listener}${proxyProtocol === "none" ? "" : `, PROXY ${proxyProtocol}`}${certificate === null ? "" : `, ${certificate}`}`,
      because: port.because,
      nodePort,
    }),
  );
  return [
    { name: "kind", value: [loadBalancer.kind, loadBalancer.service?.provider ?? ""].join(" ").trim() },
    ...ports.flatMap(({ nodePort, ...row }) => [
      row,
      ...(kubernetes.exposure.value === "NodePort"
        ? [{ name: "", value: `node port ${nodePort.value}`, because: nodePort.because }]
        : []),
    ]),
    {
      name: "idle timeout",
      value: formatDurationMs(loadBalancer.idleTimeoutMs.value),
      because: loadBalancer.idleTimeoutMs.because,
    },
    {
      name: "connects from",
      value: loadBalancer.sources.value.join(" "),
      because: loadBalancer.sources.because,
    },
    ...(loadBalancer.kind === "http" ? targetGroupRows(loadBalancer, drain) : []),
    ...(loadBalancer.service?.annotations ?? []).map(({ name, value, because }) => ({
      name: "annotation",
      value: `${name}: ${value}`,
      because,
    })),
    ...(loadBalancer.service === null || loadBalancer.service.sourceRanges.value.length === 0
      ? []
      : [
          {
            name: "lets in",
            value: loadBalancer.service.sourceRanges.value.join(" "),
            because: loadBalancer.service.sourceRanges.because,
          },
        ]),
  ];
}

/** What whoever brings the load balancer has to set up: no layer says it. */
function targetGroupRows({ healthCheck }: Plan["loadBalancer"], drain: Plan["drain"]): readonly Row[] {
  const { http, intervalMs, timeoutMs, healthy, unhealthy } = healthCheck;
  if (http === null) return [];
  return [
    {
      name: "health check",
      value: `HTTP ${http.path} on node port ${http.nodePort.value}`,
      because: "says no as soon as the node's pod goes; 200 is healthy",
    },
    { name: "", value: `every ${formatDurationMs(intervalMs.value)}`, because: intervalMs.because },
    { name: "", value: `${formatDurationMs(timeoutMs.value)} each`, because: timeoutMs.because },
    { name: "", value: `healthy after ${healthy.value}`, because: healthy.because },
    { name: "", value: `unhealthy after ${unhealthy.value}`, because: unhealthy.because },
    {
      name: "deregistration",
      value: `≥ ${formatDurationMs(drain.hardStopMs.value)}`,
      because: drain.hardStopMs.because,
    },
  ];
}

export function listenerRows({
  name,
  port,
  scheme,
  proxyProtocol,
  client,
  does,
  tls,
  allow,
  redirectPorts,
  internalHostPrefix,
  internalHostSite,
  raw,
}: ListenerPlan): readonly Row[] {
  return [
    {
      name,
      value: `:${port.value} ${tls === null ? scheme : "TLS"}${does === "redirect" ? ", redirects to https" : ""}`,
      because: port.because,
    },
    ...(proxyProtocol.value === "none"
      ? []
      : [{ name: "", value: `PROXY ${proxyProtocol.value}`, because: proxyProtocol.because }]),
    ...(client.value === "x-forwarded-for"
      ? [{ name: "", value: "X-Forwarded-For", because: client.because }]
      : []),
    ...(tls === null
      ? []
      : [{ name: "", value: `TLS ≥ ${tls.minVersion.value}`, because: tls.minVersion.because }]),
    ...(allow.length === 0 ? [] : [{ name: "", value: `allows ${allow.join(" ")}` }]),
    ...leafRows("  ", {
      certificates: tls?.certificates,
      alpn: tls?.alpn,
      redirectPorts,
      internalHostPrefix,
      internalHostSite,
    }),
    ...rawRows("", raw),
  ];
}

export function limitRows({ limits, threads }: Plan): readonly Row[] {
  const { maxConnections: _, fileDescriptors: __, memoryBytes: ___, byListener: ____, ...others } = limits;
  return [
    {
      name: "connections",
      value: String(limits.maxConnections.value),
      because: limits.maxConnections.because,
    },
    {
      name: "descriptors",
      value: String(limits.fileDescriptors.value),
      because: limits.fileDescriptors.because,
    },
    {
      name: "memory",
      value: `${Math.round(limits.memoryBytes.value / 1024 ** 2)} MiB`,
      because: limits.memoryBytes.because,
    },
    ...limits.byListener.map(({ listener, value, because }) => ({
      name: `  ${listener}`,
      value: String(value),
      because,
    })),
    { name: "threads", value: String(threads.value), because: threads.because },
    ...leafRows("", others),
  ];
}

export function timeoutRows({ timeouts }: Plan): readonly Row[] {
  return Object.entries(timeouts).map(([name, { value, because }]) => ({
    name: spaced(name),
    value: formatDurationMs(value),
    because,
  }));
}

export function statsRows({ stats }: Plan): readonly Row[] {
  if (stats === null) return [{ name: "stats", value: "off" }];
  const who = stats.public ? "public" : "for the cluster only";
  const user = stats.user === null ? "no password" : `user ${stats.user.name}`;
  return [
    { name: "stats", value: `:${stats.port.value}`, because: stats.port.because },
    { name: "", value: `${who}, ${user}` },
  ];
}

export function logRows({ logs: { to, format, facility, level } }: Plan): readonly Row[] {
  if (format === "off") return [{ name: "logs", value: "off" }];
  return [
    { name: "logs", value: `to ${to.value}`, because: to.because },
    { name: "", value: `${format}, ${facility} ${level}` },
  ];
}

export function resolverRows({ resolvers }: Plan): readonly Row[] {
  if (resolvers === null) return [];
  const { payloadBytes, nameServers, ...times } = resolvers;
  return [
    ...Object.entries(times).map(([name, { value, because }]) => ({
      name: spaced(name),
      value: formatDurationMs(value),
      because,
    })),
    ...(nameServers.length === 0 ? [] : [{ name: "name servers", value: nameServers.join(" ") }]),
    { name: "largest answer", value: sizeText(payloadBytes.value), because: payloadBytes.because },
  ];
}

/** Lines of the description's escape hatch, as they are. */
export function rawRows(name: string, lines: readonly string[]): readonly Row[] {
  return lines.map((line) => ({ name, value: `raw: ${line}` }));
}

/** `10 MiB`; bytes where that says it exactly and the unit does not. */
export function sizeText(bytes: number): string {
  const units = ["B", "KiB", "MiB", "GiB"];
  const power = units.findLastIndex((_, index) => bytes >= 1024 ** index && bytes % 1024 ** index === 0);
  return `${bytes / 1024 ** Math.max(0, power)} ${units[Math.max(0, power)]}`;
}

/** `keepAlive` → `keep alive`. */
function spaced(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
}
