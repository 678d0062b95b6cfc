// What the plan's screen says of the load balancer in AWS that Terraform makes: a row a decision.
import type { CloudCertificate, CloudListener, CloudPlan } from "../../plan/cloud-plan.ts";
import { type Row, row, seconds } from "./rows.ts";

/** None where Terraform makes no load balancer. */
export function cloudRows({ cloud }: { readonly cloud: CloudPlan | null }): readonly Row[] {
  if (cloud === null) return [];
  const { name, healthCheck, drainingS, unhealthyDrainingS, crossZone, keepsClientAddress, clients } = cloud;
  const { protocol, nodePort, path, because } = healthCheck;
  return [
    row("name", name),
    { name: "reachable", value: cloud.internal ? "from private networks" : "from the internet" },
    row("clients", clients, (networks) => networks.join(" ")),
    ...(cloud.certificate === null
      ? []
      : [{ name: "certificate", value: certificateText(cloud.certificate) }]),
    ...cloud.listeners.flatMap(listenerRows),
    { name: "asks nodes", value: `${protocol.toUpperCase()} ${nodePort.value}${path ?? ""}`, because },
    row("every", healthCheck.intervalS, seconds),
    row("waits", healthCheck.timeoutS, seconds),
    row("used after", healthCheck.healthy),
    row("left after", healthCheck.unhealthy),
    row("node leaves", drainingS, seconds),
    ...(unhealthyDrainingS === null ? [] : [row("node fails", unhealthyDrainingS, seconds)]),
    row("across zones", crossZone, (crosses) => (crosses ? "yes" : "no")),
    row("client's address", keepsClientAddress, (kept) => (kept ? "kept" : "not kept")),
    ...(cloud.accessLogs === null ? [] : [{ name: "access logs", value: `to ${cloud.accessLogs.bucket}` }]),
    ...(cloud.aliases.length === 0 ? [] : [{ name: "records for", value: cloud.aliases.join(" ") }]),
  ];
}

function listenerRows({ name, tlsPolicy, alpn }: CloudListener): readonly Row[] {
  return [
    ...(tlsPolicy === null ? [] : [row(`${name} TLS`, tlsPolicy)]),
    ...(alpn === null ? [] : [row(`${name} ALPN`, alpn)]),
  ];
}

function certificateText(certificate: CloudCertificate): string {
  switch (certificate.from) {
    case "arn":
      return certificate.arn;
    case "acm":
      return `made for ${certificate.names.join(" ")}`;
    default:
      return "a variable of the Terraform";
  }
}
