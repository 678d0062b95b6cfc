// pod-stops-without-draining: pod stops accepting before clients stop sending.

import { haproxyContainers } from "../layers/pods.ts";
import { globalLine, stopSignalOf } from "../layers/stop.ts";
import type { Rule } from "../rule.ts";
import { noted } from "../wording.ts";

export const podStopsWithoutDraining: Rule = {
  code: "pod-stops-without-draining",
  severity: "warning",
  check: (wiring) =>
    haproxyContainers(wiring).flatMap((pod) => {
      const { container, workload, haproxies } = pod;
      const trafficPath = wiring.trafficPaths.find(
        (one) => one.workload === workload && one.service !== undefined,
      );
      const [haproxy] = haproxies;
      if (container.preStop !== undefined || trafficPath === undefined || haproxy === undefined) return [];
      if (haproxies.some((one) => globalLine(one, "grace") !== undefined)) return [];
      // Without a signal it runs until it is killed.
      if (stopSignalOf(haproxy, pod).kind === "lost") return [];
      return {
        what: `pods of \`${workload.name}\` stop accepting connections at the stop signal`,
        why: "Kubernetes sends the stop signal and removes the pod from its Services at the same time. Nodes, load balancers and clients keep sending for some seconds, and these connections are refused at each rollout.",
        remedy:
          "Write `grace 10s` in the global section with `STOPSIGNAL SIGUSR1` in the image, or a `preStop` that sleeps.",
        at: [
          noted(container.at, "no `preStop`"),
          noted(trafficPath.servicePort?.at ?? trafficPath.service?.at, "still sends for some seconds"),
        ],
      };
    }),
};
