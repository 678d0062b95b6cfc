// container-outlives-haproxy: HAProxy in the background, and something else that keeps the container alive.

import { backgroundOf } from "../layers/background.ts";
import type { LayerRule } from "../layers/layer-rule.ts";
import { podsByLayer } from "../layers/pods.ts";
import { noted } from "../wording.ts";

export const containerOutlivesHaproxy: LayerRule = {
  code: "container-outlives-haproxy",
  severity: "warning",
  about: "containers that go on when HAProxy has ended",
  check(wiring) {
    const pods = podsByLayer(wiring);
    return wiring.haproxies.flatMap((haproxy) => {
      const pod = pods.get(haproxy) ?? null;
      const background = backgroundOf(haproxy, pod);
      if (background === null || background.then === null) return [];
      const liveness = pod?.container.probes.liveness ?? null;
      return [
        {
          what: `HAProxy runs in the background, and \`${background.then}\` keeps the container alive`,
          why: `When HAProxy ends, the container does not: Kubernetes starts nothing again${liveness === null ? ", and the pod stays without HAProxy until somebody looks" : " until the liveness probe has failed"}.`,
          remedy:
            "Take `daemon` away and run HAProxy alone in the foreground (`haproxy -W -db -f …`); logs go to stdout.",
          at: [
            noted(background.command.at, "keeps the container alive"),
            noted(background.at, "HAProxy goes to the background"),
            pod === null || liveness !== null ? null : noted(pod.container.at, "no liveness probe"),
          ],
        },
      ];
    });
  },
};
