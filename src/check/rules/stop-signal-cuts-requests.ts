// stop-signal-cuts-requests: stop signal that stops HAProxy immediately.

import { isKnown } from "../../wiring/written.ts";
import { podsByLayer } from "../layers/pods.ts";
import { globalTimeS, stopSignalOf } from "../layers/stop.ts";
import type { Rule } from "../rule.ts";
import { noted } from "../wording.ts";

export const stopSignalCutsRequests: Rule = {
  code: "stop-signal-cuts-requests",
  severity: "warning",
  check(wiring) {
    const pods = podsByLayer(wiring);
    return wiring.haproxies.flatMap((haproxy) => {
      const pod = pods.get(haproxy);
      const signal = stopSignalOf(haproxy, pod);
      if (signal.kind !== "hard" || (pod === undefined && haproxy.image === undefined)) return [];
      // A preStop hook other than sleep may send SIGUSR1 itself.
      const preStop = pod?.container.preStop;
      if (preStop !== undefined && !isKnown(preStop)) return [];
      return {
        what: "the stop signal of HAProxy is SIGTERM, on which it exits at once",
        why: "All in-flight requests are cut at each rollout and whenever a node is drained. On SIGUSR1, HAProxy finishes them (management guide, section 4).",
        remedy: "Write `STOPSIGNAL SIGUSR1` in the Dockerfile.",
        at: [
          noted(signal.at, "no `STOPSIGNAL SIGUSR1`"),
          pod?.container.at,
          noted(globalTimeS(haproxy, "hard-stop-after")?.at, "never used"),
        ],
      };
    });
  },
};
