// The probes of the kubelet: startup, readiness and liveness.
import type { Container } from "kubernetes-types/core/v1.d.ts";
import { PROBE_PATHS } from "../../plan/health.ts";
import type { Plan } from "../../plan/plan.ts";
import { because, decided } from "./manifest.ts";

type Probes = Pick<Container, "startupProbe" | "readinessProbe" | "livenessProbe">;

/**
 * By port name: the health listener depends on no backend. A full HAProxy accepts and responds late but is alive, and a restart would cut all its
 * connections: liveness only opens a connection. HAProxy's own watchdog detects hung threads.
 */
export function probes({ kubernetes: { probes: planned } }: Plan): Probes {
  const { readiness } = planned;
  return {
    startupProbe: {
      httpGet: { path: PROBE_PATHS.live, port: "health" },
      periodSeconds: 1,
      failureThreshold: decided(planned.startupSeconds),
    },
    readinessProbe: because(
      {
        ...(readiness.value === "health"
          ? { httpGet: { path: PROBE_PATHS.ready, port: "health" } }
          : { tcpSocket: { port: "stats" } }),
        periodSeconds: decided(planned.readinessPeriodS),
        failureThreshold: decided(planned.readinessFailures),
      },
      readiness,
    ),
    livenessProbe: because(
      {
        tcpSocket: { port: "health" },
        periodSeconds: decided(planned.livenessPeriodS),
        failureThreshold: decided(planned.livenessFailures),
      },
      "TCP only: a full HAProxy is alive, and its own watchdog detects hung threads",
    ),
  };
}
