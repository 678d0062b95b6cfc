// What the plan's screen says of the load balancer in AWS that Terraform makes: a row a decision.
import type { CloudCertificate, CloudListener, CloudPlan } from "../../plan/cloud-plan.ts";
import type { Row } from "./plan-rows.ts";

/** None where Terraform makes no load balancer. */
export function cloudRows({ cloud }: { readonly cloud: CloudPlan | null }): readonly Row[] {
  if (cloud === null) return [];
  const { name, healthCheck, drainingS, unhealthyDrainingS, crossZone, keepsClientAddress, clients } = cloud;
  const { protocol, nodePort, path, because } = healthCheck;
  return [
    { name: "name", value: name.value, because: name.because },
    { name: "reachable", value: cloud.internal ? "from private networks" : "from the internet" },
    { name: "clients", value: clients.value.join(" "), because: clients.because },
    ...(cloud.certificate === null
      ? []
      : [{ name: "certificate", value: certificateText(cloud.certificate) }]),
    ...cloud.listeners.flatMap(listenerRows),
    { name: "asks nodes", value: `${protocol.toUpperCase()} ${nodePort}${path ?? ""}`, because },
    { name: "every", value: `${healthCheck.intervalS.value}s`, because: healthCheck.intervalS.because },
    { name: "waits", value: `${healthCheck.timeoutS.value}s`, because: healthCheck.timeoutS.because },
    { name: "used after", value: String(healthCheck.healthy.value), because: healthCheck.healthy.because },
    {
      name: "left after",
      value: String(healthCheck.unhealthy.value),
      because: healthCheck.unhealthy.because,
    },
    { name: "node leaves", value: `${drainingS.value}s`, because: drainingS.because },
    ...(unhealthyDrainingS === null
      ? []
      : [{ name: "node fails", value: `${unhealthyDrainingS.value}s`, because: unhealthyDrainingS.because }]),
    { name: "across zones", value: crossZone.value ? "yes" : "no", because: crossZone.because },
    {
      name: "client's address",
      value: keepsClientAddress.value ? "kept" : "not kept",
      because: keepsClientAddress.because,
    },
    ...(cloud.accessLogs === null ? [] : [{ name: "access logs", value: `to ${cloud.accessLogs.bucket}` }]),
    ...(cloud.aliases.length === 0 ? [] : [{ name: "records for", value: cloud.aliases.join(" ") }]),
  ];
}

function listenerRows({ name, tlsPolicy, alpn }: CloudListener): readonly Row[] {
  return [
    ...(tlsPolicy === null
      ? []
      : [{ name: `${name} TLS`, value: tlsPolicy.value, because: tlsPolicy.because }]),
    ...(alpn === null ? [] : [{ name: `${name} ALPN`, value: alpn.value, because: alpn.because }]),
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
