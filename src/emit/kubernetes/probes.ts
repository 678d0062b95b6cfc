// The probes of the kubelet: startup, readiness and liveness.

import type { Container } from "kubernetes-types/core/v1.d.ts";
import { PROBE_PATHS } from "../../plan/health.ts";
import type { Plan } from "../../plan/plan.ts";
import type { Reasons } from "./manifest.ts";

type Probes = Pick<Container, "startupProbe" | "readinessProbe" | "livenessProbe">;

/**
 * By port name: the health listener depends on no backend. A full HAProxy accepts and responds late but is alive, and a restart would cut all its
 * connections: liveness only opens a connection. HAProxy's own watchdog detects hung threads.
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
  const live = { path: PROBE_PATHS.live, port: "health" };
  return {
    probes: {
      startupProbe: { httpGet: live, periodSeconds: 1, failureThreshold: startupSeconds.value },
      readinessProbe: {
        ...(readiness.value === "health"
          ? { httpGet: { path: PROBE_PATHS.ready, port: "health" } }
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
      "/livenessProbe": "TCP only: a full HAProxy is alive, and its own watchdog detects hung threads",
      "/livenessProbe/periodSeconds": livenessPeriodS,
      "/livenessProbe/failureThreshold": livenessFailures,
    },
  };
}
