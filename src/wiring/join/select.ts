// Whose pods a selector is about.
import type { Service, Workload } from "../wiring.ts";

/** Which workloads a Service leads to, and which Services lead to a workload. */
export interface Selection {
  readonly workloadsOf: (service: Service) => readonly Workload[];
  readonly servicesOf: (workload: Workload) => readonly Service[];
}

/** Whether pods with these labels are selected; an empty selector selects all. */
export function matchesLabels(
  selector: Readonly<Record<string, string>>,
  labels: Readonly<Record<string, string>>,
): boolean {
  return Object.entries(selector).every(
    ([name, value]) => Object.hasOwn(labels, name) && labels[name] === value,
  );
}

/** By namespace and labels; through an index, as a folder may hold thousands of each. */
export function selectionOf(services: readonly Service[], workloads: readonly Workload[]): Selection {
  const byLabel = new Map<string, Workload[]>();
  for (const workload of workloads)
    for (const [name, value] of Object.entries(workload.labels))
      append(byLabel, labelKey(workload.namespace, name, value), workload);
  const workloadsOf = new Map<Service, readonly Workload[]>();
  const servicesOf = new Map<Workload, Service[]>();
  for (const service of services) {
    const found = selected(service, byLabel);
    workloadsOf.set(service, found);
    for (const workload of found) append(servicesOf, workload, service);
  }
  return {
    workloadsOf: (service) => workloadsOf.get(service) ?? [],
    servicesOf: (workload) => servicesOf.get(workload) ?? [],
  };
}

/** A Service without a selector selects nothing (Kubernetes, "Services without selectors"). */
function selected({ selector, namespace }: Service, byLabel: ReadonlyMap<string, Workload[]>): Workload[] {
  const lists = Object.entries(selector ?? {}).map(
    ([name, value]) => byLabel.get(labelKey(namespace, name, value)) ?? [],
  );
  const [shortest] = lists.toSorted((a, b) => a.length - b.length);
  return (shortest ?? []).filter(({ labels }) => matchesLabels(selector ?? {}, labels));
}

function labelKey(namespace: string, name: string, value: string): string {
  return `${namespace}\0${name}\0${value}`;
}

function append<K, V>(lists: Map<K, V[]>, key: K, value: V): void {
  const list = lists.get(key);
  if (list === undefined) lists.set(key, [value]);
  else list.push(value);
}
