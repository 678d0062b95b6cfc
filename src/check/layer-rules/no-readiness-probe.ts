// no-readiness-probe: traffic goes to a pod before HAProxy listens, and after it has stopped to.
import type { LayerRule } from "../layers/layer-rule.ts";
import { haproxyContainers } from "../layers/pods.ts";
import { noted } from "../wording.ts";

export const noReadinessProbe: LayerRule = {
  code: "no-readiness-probe",
  severity: "warning",
  about: "pods that count as ready whatever HAProxy does",
  check: (wiring) =>
    haproxyContainers(wiring).flatMap(({ workload, container }) => {
      const way = wiring.trafficPaths.find((one) => one.workload === workload && one.service !== null);
      if (container.probes.readiness !== null || way === undefined) return [];
      return [
        {
          what: `\`${container.name}\` has no readiness probe`,
          why: "Its pods get traffic from the moment that the container runs, before HAProxy listens, and go on getting it when HAProxy hangs: those connections are refused or wait.",
          remedy: "Write a `readinessProbe` that asks a port of HAProxy.",
          at: [
            noted(container.at, "ready at once"),
            noted(way.servicePort?.at ?? way.service?.at ?? null, "sends traffic"),
          ],
        },
      ];
    }),
};
