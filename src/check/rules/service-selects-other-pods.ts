// service-selects-other-pods: Service that also selects pods of another workload.
import { selectionOf } from "../../wiring/join/select.ts";
import type { Service, Workload } from "../../wiring/wiring.ts";
import { haproxyContainers } from "../layers/pods.ts";
import type { Rule } from "../rule.ts";
import { noted } from "../wording.ts";

export const serviceSelectsOtherPods: Rule = {
  code: "service-selects-other-pods",
  severity: "error",
  check(wiring) {
    const edges = new Set(haproxyContainers(wiring).map(({ workload }) => workload));
    const { workloadsOf } = selectionOf(wiring.services, wiring.workloads);
    return wiring.services.flatMap((service) => {
      const picked = workloadsOf(service);
      const edge = picked.find((workload) => edges.has(workload));
      if (edge === undefined) return [];
      // Pods that have the same port, such as a second release, may be intended.
      const others: Workload[] = [];
      for (const workload of picked) {
        if (!edges.has(workload) && !answers(service, workload)) others.push(workload);
        if (others.length === 3) break;
      }
      const [other] = others;
      if (other === undefined) return [];
      return {
        what: `Service \`${service.name}\` selects the pods of \`${edge.name}\` and also those of \`${other.name}\``,
        why: `Some connections go to pods of \`${other.name}\`, which do not listen on this port: these connections are refused.`,
        remedy: `Select a label that only the pods of \`${edge.name}\` have.`,
        at: [
          noted(service.object.place(["spec", "selector"], { key: true }) ?? service.at, "selects both"),
          noted(edge.at, "runs HAProxy"),
          ...others.map(({ at }) => noted(at, "does not run HAProxy")),
        ],
      };
    });
  },
};

function answers(service: Service, workload: Workload): boolean {
  const ports = workload.containers.flatMap((container) => container.ports);
  return service.ports.some(({ targetPort: { value } }) =>
    ports.some(({ port, name }) => port.value === value || name === value),
  );
}
