// What the plan's screen says of the pods: objects, probes, drain, image, look-ups.
import { formatDurationMs } from "../../plan/durations.ts";
import type { Plan } from "../../plan/plan.ts";
import { leafRows } from "./leaf-rows.ts";
import { sizeText } from "./plan-rows.ts";
import { type Row, row, seconds } from "./rows.ts";

export function podRows({ replicas, kubernetes, health }: Plan): readonly Row[] {
  const { workload, names, exposure, externalTrafficPolicy, autoscale, probes, resources, networkPolicy } =
    kubernetes;
  const { readiness: _, readinessPeriodS: __, readinessFailures: ___, ...otherProbes } = probes;
  const { certificates, internalPort, runFolderBytes } = kubernetes;
  return [
    { name: workload.value, value: names.edge, because: workload.because },
    ...(workload.value === "DaemonSet"
      ? []
      : [
          row(
            "replicas",
            replicas,
            autoscale === null ? (count) => String(count) : () => `${autoscale.min} to ${autoscale.max}`,
          ),
        ]),
    ...(autoscale === null ? [] : [row("", autoscale.cpuPercent, (percent) => `${percent} % CPU`)]),
    row("reached by", exposure),
    ...(names.publicService === null
      ? []
      : [
          { name: "public Service", value: names.publicService },
          row("traffic policy", externalTrafficPolicy),
        ]),
    ...(names.internalService === null ? [] : [row("internal Service", names.internalService)]),
    row("probes on", health.port, (port) => `:${port}`),
    row("readiness", probes.readiness),
    row("  every", probes.readinessPeriodS, seconds),
    row("  failures", probes.readinessFailures, String),
    ...leafRows("", { probes: otherProbes, settleS: health.settleS }),
    row("CPU", resources.cpuRequest),
    row("memory", resources.memoryRequest, sizeText),
    row("  at most", resources.memoryLimit, sizeText),
    ...(networkPolicy === null
      ? [{ name: "network policy", value: "none" }]
      : [
          row("public from", networkPolicy.publicFrom, (list) => list.join(" ") || "anywhere"),
          ...leafRows("  ", {
            backendNamespaces: networkPolicy.backendNamespaces,
            backendNetworks: networkPolicy.backendNetworks,
            nameServers: networkPolicy.nameServers,
            logServer: networkPolicy.logServer,
          }),
        ]),
    ...leafRows("", { metricsService: names.metricsService, internalPort, certificates, runFolderBytes }),
  ];
}

export function drainRows({ drain }: Plan): readonly Row[] {
  return [
    row("detection", drain.detectionMs, formatDurationMs),
    row("grace", drain.graceMs, formatDurationMs),
    row("hard stop", drain.hardStopMs, formatDurationMs),
    row("grace period", drain.gracePeriodS, seconds),
  ];
}

export function imageRows({ image }: Plan): readonly Row[] {
  const { base, from, libc, repository, tools, logs, config, user, ...others } = image;
  return [
    row("name", repository),
    row("base", base),
    row("from", from),
    { name: "C library", value: `${libc.name} ${libc.version}` },
    ...(tools.length === 0 ? [] : [{ name: "tools", value: tools.join(" ") }]),
    row("logs", logs),
    row("configuration", config),
    row("user", user, String),
    ...leafRows("", others),
  ];
}

export function dnsRows({ dns }: Plan): readonly Row[] {
  return [
    row("name servers", dns.nameServers, (list) => list.join(" ") || "the pod's"),
    ...(dns.podNameServers.value.length === dns.nameServers.value.length
      ? []
      : [row("  of the pod", dns.podNameServers, (list) => list.join(" ") || "the cluster's")]),
    ...dns.options.map(({ name, value, because }) => ({
      name: "option",
      value: value === null ? name : `${name}:${value}`,
      because,
    })),
  ];
}
