// no-readiness-probe: pods without a readiness probe.

import { haproxyContainers } from "../layers/pods.ts";
import type { Rule } from "../rule.ts";
import { noted } from "../wording.ts";

export const noReadinessProbe: Rule = {
  code: "no-readiness-probe",
  severity: "warning",
  check: (wiring) =>
    haproxyContainers(wiring).flatMap(({ workload, container }) => {
      const trafficPath = wiring.trafficPaths.find(
        (one) => one.workload === workload && one.service !== undefined,
      );
      if (container.probes.readiness !== undefined || trafficPath === undefined) return [];
      return {
        what: `\`${container.name}\` has no readiness probe`,
        why: "Its pods get traffic as soon as the container runs, before HAProxy listens, and keep getting it when HAProxy hangs: these connections are refused or wait.",
        remedy: "Write a `readinessProbe` on a port of HAProxy.",
        at: [
          noted(container.at, "ready immediately"),
          noted(trafficPath.servicePort?.at ?? trafficPath.service?.at, "sends traffic"),
        ],
      };
    }),
};
