// What the kubelet asks HAProxy: has it started, may it get requests, does it live.
import type { Container } from "kubernetes-types/core/v1.d.ts";
import type { Plan } from "../../plan/plan.ts";
import type { Reasons } from "./manifest.ts";

type Probes = Pick<Container, "startupProbe" | "readinessProbe" | "livenessProbe">;

/**
 * By the ports' names: the health listener depends on no backend. A HAProxy that is full opens connections late and answers late: it
 * lives, and restarting it would cut all it has, so that liveness asks for a connection only; a thread that hangs is HAProxy's own watchdog's.
 */
export function probes({ kubernetes }: Plan): { readonly probes: Probes; readonly because: Reasons } {
  const {
    readiness,
    readinessPeriodS,
    readinessFailures,
    startupSeconds,
    livenessPeriodS,
    livenessFailures,
  } = kubernetes.probes;
  const live = { path: "/live", port: "health" };
  return {
    probes: {
      startupProbe: { httpGet: live, periodSeconds: 1, failureThreshold: startupSeconds.value },
      readinessProbe: {
        ...(readiness.value === "health"
          ? { httpGet: { path: "/ready", port: "health" } }
          : { tcpSocket: { port: "stats" } }),
        periodSeconds: readinessPeriodS.value,
        failureThreshold: readinessFailures.value,
      },
      livenessProbe: {
        tcpSocket: { port: "health" },
        periodSeconds: livenessPeriodS.value,
        failureThreshold: livenessFailures.value,
      },
    },
    because: {
      "/startupProbe/failureThreshold": startupSeconds,
      "/readinessProbe": readiness,
      "/readinessProbe/periodSeconds": readinessPeriodS,
      "/readinessProbe/failureThreshold": readinessFailures,
      "/livenessProbe":
        "a connection is enough: a full HAProxy lives, and a thread that hangs is its own watchdog's affair",
      "/livenessProbe/periodSeconds": livenessPeriodS,
      "/livenessProbe/failureThreshold": livenessFailures,
    },
  };
}
