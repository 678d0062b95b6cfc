// liveness-probe-checks-servers: Kubernetes restarts HAProxy when its servers fail.

import { readCondition } from "../../wiring/haproxy/condition.ts";
import type { Probe, Wiring } from "../../wiring/wiring.ts";
import { type Step, stepsOf } from "../layers/answers.ts";
import { bindOf, type CheckedBind } from "../layers/checked-port.ts";
import { testsOf } from "../layers/conditions.ts";
import { backendsOf } from "../layers/haproxy-view.ts";
import { type HaproxyPod, haproxyContainers } from "../layers/pods.ts";
import { forwards } from "../layers/serves.ts";
import type { Rule, RuleFinding } from "../rule.ts";
import { listOf, noted } from "../wording.ts";

export const livenessProbeChecksServers: Rule = {
  code: "liveness-probe-checks-servers",
  severity: "error",
  check: (wiring) =>
    haproxyContainers(wiring).flatMap((pod) =>
      (["liveness", "startup"] as const).flatMap((kind) => {
        const probe = pod.container.probes[kind];
        return probe?.kind === "http" ? (faultOf(wiring, pod, kind, probe) ?? []) : [];
      }),
    ),
};

function faultOf(
  wiring: Wiring,
  { container }: HaproxyPod,
  kind: "liveness" | "startup",
  probe: Probe,
): RuleFinding | undefined {
  const target = probe.port && bindOf(wiring, container, probe.port.value);
  if (target === undefined) return undefined;
  const path = probe.path?.value ?? "/";
  const steps = stepsOf({ config: target.haproxy.config, proxy: target.proxy, bind: target.bind, path });
  const [first] = steps;
  const decides = steps.find((step) => step !== "servers" && failsWithServers(target, step));
  const answersItself = decides !== undefined && decides !== "servers";
  const servers =
    first === "servers" ? backendsOf({ layer: target.haproxy, proxy: target.proxy }).filter(forwards) : [];
  if (!answersItself && servers.length === 0) return undefined;
  const restarts =
    kind === "liveness"
      ? "Kubernetes restarts all HAProxy pods at once when servers fail: requests to all other backends are lost as well, and restarts do not help the servers."
      : "HAProxy is restarted until its servers respond: it never answers while they are down.";
  return {
    what: answersItself
      ? `the ${kind} probe fails when servers are down: \`${decides.line?.text.trim() ?? ""}\``
      : `the ${kind} probe is answered by the servers of ${listOf(servers.map(({ name }) => name))}`,
    why: restarts,
    remedy: `Use \`tcpSocket\`, or a path that HAProxy answers by itself, such as \`monitor-uri\` without \`monitor fail\`. The state of servers belongs into the readiness probe, if at all.`,
    at: [
      noted(probe.path?.at ?? probe.at, "requests this path"),
      answersItself
        ? noted(decides.at, "depends on servers")
        : noted(servers[0]?.at ?? target.proxy.at, "forwards it to a server"),
    ],
  };
}

/** Functions of HAProxy that return the state or the load of servers (manual 3.2, section 7.3.2). */
const SERVER_STATE =
  /^(?:nbsrv|srv_is_up|connslots|be_conn_free|srv_conn_free|avg_queue|srv_queue|queue|be_conn)\b/;

/** `monitor fail if { nbsrv(app) lt 1 }`, `http-request return status 503 if !{ srv_is_up(app/one) }`. */
function failsWithServers({ proxy }: CheckedBind, { line, status }: Step): boolean {
  if (line === undefined || typeof status !== "number" || status < 400) return false;
  return testsOf(proxy, readCondition(line)).some(({ test }) => SERVER_STATE.test(test.fetch.value));
}
