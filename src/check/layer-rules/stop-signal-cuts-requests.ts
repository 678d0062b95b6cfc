// stop-signal-cuts-requests: Kubernetes ends HAProxy with a signal after which it drops what is under way.
import type { LayerRule } from "../layers/layer-rule.ts";
import { podsByLayer } from "../layers/pods.ts";
import { globalTimeS, stopSignalOf } from "../layers/stop.ts";
import { noted } from "../wording.ts";

export const stopSignalCutsRequests: LayerRule = {
  code: "stop-signal-cuts-requests",
  severity: "warning",
  about: "images whose stop signal ends HAProxy at once",
  check(wiring) {
    const pods = podsByLayer(wiring);
    return wiring.haproxies.flatMap((haproxy) => {
      const pod = pods.get(haproxy) ?? null;
      const signal = stopSignalOf(haproxy, pod);
      if (signal.kind !== "hard" || (pod === null && haproxy.image === null)) return [];
      // A preStop that is no sleep may well send the other signal itself.
      if (pod !== null && pod.container.preStop !== null && pod.container.preStop.seconds === null) return [];
      return [
        {
          what: "HAProxy is stopped by SIGTERM, which ends it at once",
          why: "At each rollout, and whenever a node is emptied, every request that is under way is cut in the middle. SIGUSR1 lets HAProxy finish them (management guide, section 4).",
          remedy: "Write `STOPSIGNAL SIGUSR1` in the Dockerfile.",
          at: [
            noted(signal.at, "no `STOPSIGNAL SIGUSR1`"),
            pod?.container.at,
            noted(globalTimeS(haproxy, "hard-stop-after")?.at ?? null, "never comes to this"),
          ],
        },
      ];
    });
  },
};
