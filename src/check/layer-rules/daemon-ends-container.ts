// daemon-ends-container: HAProxy goes to the background, and with process 1 the container ends.
import { backgroundOf } from "../layers/background.ts";
import type { LayerRule } from "../layers/layer-rule.ts";
import { podsByLayer } from "../layers/pods.ts";
import { noted } from "../wording.ts";

export const daemonEndsContainer: LayerRule = {
  code: "daemon-ends-container",
  severity: "error",
  about: "containers that end as soon as HAProxy has started",
  check(wiring) {
    const pods = podsByLayer(wiring);
    return wiring.haproxies.flatMap((haproxy) => {
      const background = backgroundOf(haproxy, pods.get(haproxy) ?? null);
      if (background === null || background.then !== null) return [];
      return [
        {
          what: "the container ends as soon as HAProxy has started",
          why: "HAProxy goes to the background, process 1 ends, and the container with it: pods go round in CrashLoopBackOff, and nothing is served.",
          remedy: "Take `daemon` away, or start HAProxy with `-db`, which keeps it in the foreground.",
          at: [noted(background.at, "to the background"), noted(background.command.at, "starts HAProxy")],
        },
      ];
    });
  },
};
