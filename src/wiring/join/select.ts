// Whose pods a selector is about.
import type { Service, Workload } from "../wiring.ts";

/** Whether pods with these labels are selected; an empty selector selects all. */
export function matchesLabels(
  selector: Readonly<Record<string, string>>,
  labels: Readonly<Record<string, string>>,
): boolean {
  return Object.entries(selector).every(
    ([name, value]) => Object.hasOwn(labels, name) && labels[name] === value,
  );
}

/** Whether the Service leads to the workload's pods: they are in its namespace and have its labels. */
export function selects(service: Service, workload: Workload): boolean {
  return (
    service.selector !== null &&
    service.namespace === workload.namespace &&
    matchesLabels(service.selector, workload.labels)
  );
}
