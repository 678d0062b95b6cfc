// low-port-not-permitted: port below 1024 that HAProxy may bind only with some container runtimes.
import { listAt, valueAt } from "../../source/data.ts";
import type { HaproxyBind } from "../../wiring/haproxy/wiring.ts";
import type { HaproxyLayer } from "../../wiring/wiring.ts";
import {
  capabilitiesPlace,
  type HaproxyProcess,
  haproxyProcesses,
  hasCapability,
} from "../layers/container/process.ts";
import type { Rule, RuleFinding } from "../rule.ts";
import { noted } from "../wording.ts";

export const lowPortNotPermitted: Rule = {
  code: "low-port-not-permitted",
  severity: "warning",
  check: (wiring) => haproxyProcesses(wiring).flatMap((process) => findingsOf(process)),
};

function findingsOf(process: HaproxyProcess): readonly RuleFinding[] {
  const { pod, user, haproxies } = process;
  // Docker lets every user of a container bind every port.
  if (pod?.workload.compose !== undefined && !pod.workload.hostNetwork) return [];
  if (pod === undefined || user === undefined || hasCapability(process, "NET_BIND_SERVICE") !== false)
    return [];
  const lowest = pod.workload.hostNetwork ? FIRST_UNPRIVILEGED : firstUnprivileged(pod.workload);
  const binds = haproxies.flatMap((layer) => layer.wiring.binds.filter((bind) => isLow(layer, bind, lowest)));
  const [first] = binds;
  if (first === undefined) return [];
  const ports = [...new Set(binds.map(({ address }) => address.ports?.from))];
  return [
    {
      what: `user ${user.uid} may not be able to bind port ${ports.join(", ")}`,
      why: `Ports below 1024 need the capability NET_BIND_SERVICE${user.uid === 0 ? "" : ", which reaches only root in a container"}${pod.workload.hostNetwork ? ". In the node's network the node's limit applies, 1024 by default" : ", unless the container runtime lifts the limit: containerd before 2.0 does not by default"}. HAProxy then exits at start with "cannot bind socket (Permission denied)".`,
      remedy: pod.workload.hostNetwork
        ? "Bind a port from 1024 on."
        : `Bind a port from 1024 on and write it as \`targetPort\` of the Service; or write \`securityContext: { sysctls: [{ name: ${SYSCTL}, value: "0" }] }\` in the pod.`,
      at: [
        ...binds.slice(0, 3).map(({ address }) => address.at),
        noted(user.at, `user ${user.uid}`),
        noted(capabilitiesPlace(process), "its capabilities"),
      ],
    },
  ];
}

const SYSCTL = "net.ipv4.ip_unprivileged_port_start";
const FIRST_UNPRIVILEGED = 1024;

/** A safe sysctl (Kubernetes, "Using sysctls in a Kubernetes Cluster"). */
function firstUnprivileged({ object, podPath }: NonNullable<HaproxyProcess["pod"]>["workload"]): number {
  const sysctls = listAt(object.data, [...podPath, "securityContext", "sysctls"]);
  const found = sysctls.find((one) => valueAt(one, ["name"]) === SYSCTL);
  return found === undefined ? FIRST_UNPRIVILEGED : Number(valueAt(found, ["value"]));
}

function isLow({ config }: HaproxyLayer, { address, line }: HaproxyBind, lowest: number): boolean {
  const from = address.ports?.from;
  return (
    from !== undefined && from > 0 && from < lowest && config.lines[line.number - 1]?.conditional === false
  );
}
