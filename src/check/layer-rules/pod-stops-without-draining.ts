// pod-stops-without-draining: HAProxy stops accepting while nodes and callers still send to it.
import type { LayerRule } from "../layers/layer-rule.ts";
import { haproxyContainers } from "../layers/pods.ts";
import { globalLine, stopSignalOf } from "../layers/stop.ts";
import { noted } from "../wording.ts";

export const podStopsWithoutDraining: LayerRule = {
  code: "pod-stops-without-draining",
  severity: "warning",
  about: "pods that stop accepting before anybody knows",
  check: (wiring) =>
    haproxyContainers(wiring).flatMap((pod) => {
      const { container, workload, haproxies } = pod;
      const way = wiring.trafficPaths.find((one) => one.workload === workload && one.service !== null);
      const [haproxy] = haproxies;
      if (container.preStop !== null || way === undefined || haproxy === undefined) return [];
      if (haproxies.some((one) => globalLine(one, "grace") !== undefined)) return [];
      // Without a signal it goes on until it is killed.
      if (stopSignalOf(haproxy, pod).kind === "lost") return [];
      return [
        {
          what: `a pod of \`${workload.name}\` stops accepting at the moment that it is told to go`,
          why: "Kubernetes tells HAProxy and the nodes at the same time, and nodes, load balancers and callers go on sending for some seconds: those connections are refused, at each rollout.",
          remedy:
            "Write `grace 10s` in the global section with `STOPSIGNAL SIGUSR1` in the image, or a `preStop` that sleeps.",
          at: [
            noted(container.at, "no `preStop`"),
            noted(way.servicePort?.at ?? way.service?.at ?? null, "still sends for a moment"),
          ],
        },
      ];
    }),
};
