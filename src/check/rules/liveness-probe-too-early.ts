// liveness-probe-too-early: liveness probe fails while HAProxy resolves names at start.
import { countOf } from "../../findings/count.ts";
import { formatDurationMs } from "../../plan/durations.ts";
import type { HaproxyServer } from "../../wiring/haproxy/wiring.ts";
import { haproxyContainers } from "../layers/pods.ts";
import type { Rule } from "../rule.ts";
import { noted } from "../wording.ts";

/** The time that libc waits for a name server that does not respond: measured with HAProxy 2.6 and 3.2 on glibc. */
const PER_NAME_S = 20;

export const livenessProbeTooEarly: Rule = {
  code: "liveness-probe-too-early",
  severity: "warning",
  check: (wiring) =>
    haproxyContainers(wiring).flatMap(({ container, haproxies }) => {
      const { liveness, startup } = container.probes;
      if (liveness === undefined || startup !== undefined) return [];
      const waiting = haproxies.flatMap(({ wiring: { servers } }) => servers.filter(waitsAndGoesOn));
      const names = new Set(waiting.map(({ address }) => address.host));
      const startS = names.size * PER_NAME_S;
      // The first probe runs after the delay, each failure adds a period; then the container is restarted.
      const endsS = liveness.initialDelayS.value + (liveness.failures.value - 1) * liveness.periodS.value;
      if (names.size === 0 || endsS >= startS) return [];
      return {
        what: `the liveness probe restarts the container after ${formatDurationMs(endsS * 1000)}, and HAProxy may take ${formatDurationMs(startS * 1000)} to start`,
        why: `If DNS does not answer, HAProxy waits ${PER_NAME_S} s for each of ${countOf(names.size, "name")} before it listens. Kubernetes restarts the container before that, so no new pod starts during a DNS outage.`,
        remedy:
          "Write a `startupProbe` with enough time, or let HAProxy start without resolved names: `init-addr none` with `resolvers`.",
        at: [
          noted(liveness.initialDelayS.at ?? liveness.at, "counts from the start of the container"),
          liveness.failures.at,
          ...waiting.slice(0, 3).map((server) => noted(server.address.at, "resolved before HAProxy listens")),
        ],
      };
    }),
};

/** Looked up by libc; HAProxy starts without an answer. If it exits instead, the probe is not the cause. */
function waitsAndGoesOn({ kind, address, initAddr, disabled }: HaproxyServer): boolean {
  if (kind !== "proxy" || address.kind !== "name" || disabled) return false;
  const trafficPaths = initAddr?.value.split(",") ?? [];
  const libc = trafficPaths.indexOf("libc");
  return libc >= 0 && trafficPaths.slice(libc + 1).some((trafficPath) => trafficPath !== "last");
}
