// service-selects-no-pods: Service whose selector matches no pods.
import { type Selection, selectionOf } from "../../wiring/join/select.ts";
import type { Service, Wiring, Workload } from "../../wiring/wiring.ts";
import { knownValue } from "../../wiring/written.ts";
import { listenersOf } from "../layers/listeners.ts";
import { haproxyContainers } from "../layers/pods.ts";
import type { Rule, RuleFinding } from "../rule.ts";
import { noted } from "../wording.ts";

export const serviceSelectsNoPods: Rule = {
  code: "service-selects-no-pods",
  severity: "error",
  check(wiring) {
    const selection = selectionOf(wiring.services, wiring.workloads);
    return wiring.services.flatMap((service) => {
      const { selector } = service;
      if (selector === undefined || service.type === "ExternalName") return [];
      const picked = selection.workloadsOf(service).length > 0;
      const intended = picked ? undefined : intendedWorkload(wiring, selection, service);
      return intended === undefined ? [] : [findingOf(service, selector, intended)];
    });
  },
};

/** The intended pods; undefined if they may be in other files, such as the pods of a backend. */
function intendedWorkload(wiring: Wiring, { servicesOf }: Selection, service: Service): Workload | undefined {
  const ports = service.ports.map(({ targetPort }) => targetPort.value);
  const balanced = listenersOf(wiring).some(({ listener }) => {
    const port = knownValue(listener.to.port);
    return port !== undefined && service.ports.some(({ nodePort }) => nodePort?.value === port);
  });
  return haproxyContainers(wiring).find(({ workload, container }) => {
    const fits = container.ports.some(
      ({ port, name }) => ports.includes(port.value) || (name !== undefined && ports.includes(name)),
    );
    return fits && (balanced || sharesLabel(service, workload) || servicesOf(workload).length === 0);
  })?.workload;
}

/** Some labels match, others do not. */
function sharesLabel({ selector }: Service, workload: Workload): boolean {
  return Object.entries(selector ?? {}).some(([key, value]) => workload.labels[key] === value);
}

function findingOf(
  service: Service,
  selector: Readonly<Record<string, string>>,
  workload: Workload,
): RuleFinding {
  const wrong = Object.entries(selector).filter(([key, value]) => workload.labels[key] !== value);
  const { object } = service;
  const elsewhere = wrong.length === 0;
  return {
    what: elsewhere
      ? `Service \`${service.name}\` is in namespace \`${service.namespace}\`, and the pods of \`${workload.name}\` in \`${workload.namespace}\``
      : `Service \`${service.name}\` selects no pods: the pods of \`${workload.name}\` have other labels`,
    why: "The Service has no endpoints: every connection to it is refused or times out.",
    remedy: elsewhere
      ? "Put both into one namespace: a Service selects only pods of its own namespace."
      : `Write the labels of the pods in its selector: ${wrong.map(([key]) => `\`${key}: ${workload.labels[key] ?? "(no such label)"}\``).join(", ")}.`,
    at: [
      ...(elsewhere
        ? [object.place(["metadata", "namespace"]) ?? service.at]
        : wrong.map(([key]) =>
            noted(object.place(["spec", "selector", key]) ?? service.at, "no pod has this label"),
          )),
      noted(
        workload.object.place([...workload.podPath.slice(0, -1), "metadata", "labels"], { key: true }) ??
          workload.at,
        "the pods' labels",
      ),
    ],
  };
}
