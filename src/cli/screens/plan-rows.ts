// What the plan's screen says of the edge as a whole: a row a decision.
import { maskedConfigLine } from "../../findings/masked-text.ts";
import { formatDurationMs } from "../../plan/durations.ts";
import type { ListenerPlan, Plan } from "../../plan/plan.ts";
import type { SecretPlan } from "../../plan/secrets.ts";
import { leafRows } from "./leaf-rows.ts";
import { type Row, row } from "./rows.ts";

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
    ...ports.flatMap(({ nodePort, ...own }) => [
      own,
      ...(kubernetes.exposure.value === "NodePort" ? [row("", nodePort, (port) => `node port ${port}`)] : []),
    ]),
    row("idle timeout", loadBalancer.idleTimeoutMs, formatDurationMs),
    row("connects from", loadBalancer.sources, spread),
    ...(loadBalancer.kind === "http" ? targetGroupRows(loadBalancer, drain) : []),
    ...(loadBalancer.service?.annotations ?? []).map(({ name, value, because }) => ({
      name: "annotation",
      value: `${name}: ${value}`,
      because,
    })),
    ...(loadBalancer.service === null || loadBalancer.service.sourceRanges.value.length === 0
      ? []
      : [row("lets in", loadBalancer.service.sourceRanges, spread)]),
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
      because: "fails as soon as the node's pod is removed; 200 is healthy",
    },
    row("", intervalMs, (ms) => `every ${formatDurationMs(ms)}`),
    row("", timeoutMs, (ms) => `${formatDurationMs(ms)} each`),
    row("", healthy, (count) => `healthy after ${count}`),
    row("", unhealthy, (count) => `unhealthy after ${count}`),
    row("deregistration", drain.hardStopMs, (ms) => `≥ ${formatDurationMs(ms)}`),
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
    ...(proxyProtocol.value === "none" ? [] : [row("", proxyProtocol, (version) => `PROXY ${version}`)]),
    ...(client.value === "x-forwarded-for" ? [row("", client, () => "X-Forwarded-For")] : []),
    ...(tls === null ? [] : [row("", tls.minVersion, (version) => `TLS ≥ ${version}`)]),
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
    row("connections", limits.maxConnections),
    row("descriptors", limits.fileDescriptors),
    row("memory", limits.memoryBytes, (bytes) => `${Math.round(bytes / 1024 ** 2)} MiB`),
    ...limits.byListener.map((share) => row(`  ${share.listener}`, share)),
    row("threads", threads),
    ...leafRows("", others),
  ];
}

export function timeoutRows({ timeouts, tcpKeepAlive }: Plan): readonly Row[] {
  return [
    ...Object.entries(timeouts).flatMap(([name, time]) =>
      time === null ? [] : [row(spaced(name), time, formatDurationMs)],
    ),
    ...(tcpKeepAlive === null ? [] : [row("TCP keep-alive", tcpKeepAlive, formatDurationMs)]),
  ];
}

export function statsRows({ stats }: Plan): readonly Row[] {
  if (stats === null) return [{ name: "stats", value: "off" }];
  const who = stats.public ? "public" : "for the cluster only";
  const user =
    stats.user === null
      ? "no password"
      : `user ${stats.user.name}, password ${secretText(stats.user.password)}`;
  return [row("stats", stats.port, (port) => `:${port}`), { name: "", value: `${who}, ${user}` }];
}

function secretText({ variable, from }: SecretPlan): string {
  const where = from.kind === "secret" ? `of the Secret ${from.name}, ${from.key}` : `${from.text}`;
  return `${where} in ${variable}`;
}

export function logRows({ logs: { to, format, facility, level } }: Plan): readonly Row[] {
  if (format === "off") return [{ name: "logs", value: "off" }];
  return [
    row("logs", to, (target) => `to ${target}`),
    { name: "", value: `${format}, ${facility} ${level}` },
  ];
}

export function resolverRows({ resolvers }: Plan): readonly Row[] {
  if (resolvers === null) return [];
  const { payloadBytes, nameServers, ...times } = resolvers;
  return [
    ...Object.entries(times).map(([name, time]) => row(spaced(name), time, formatDurationMs)),
    ...(nameServers.length === 0 ? [] : [{ name: "name servers", value: nameServers.join(" ") }]),
    row("largest answer", payloadBytes, sizeText),
  ];
}

/** Lines of the description's escape hatch, as they are. */
export function rawRows(name: string, lines: readonly string[]): readonly Row[] {
  return lines.map((line) => ({ name, value: `raw: ${maskedConfigLine(line)}` }));
}

function spread(list: readonly string[]): string {
  return list.join(" ");
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
