// The pods that a selector selects.
import type { Service, Workload } from "../wiring.ts";

/** The workloads of a Service, and the Services of a workload. */
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
  // Thousands of Services may select the same thousands of workloads: each selector, and each set of labels, is looked at once.
  const bySelector = new Map<string, readonly Workload[]>();
  const workloadsOf = (service: Service): readonly Workload[] => {
    const key = JSON.stringify([service.namespace, service.selector]);
    const found = bySelector.get(key) ?? selected(service, byLabel);
    bySelector.set(key, found);
    return found;
  };
  const order = new Map(services.map((service, index) => [service, index]));
  const groups = [
    ...Map.groupBy(services, ({ namespace, selector }) => JSON.stringify([namespace, selector])),
  ];
  const byLabels = new Map<string, readonly Service[]>();
  const servicesOf = ({ namespace, labels }: Workload): readonly Service[] => {
    const key = JSON.stringify([namespace, labels]);
    const found =
      byLabels.get(key) ??
      groups
        .filter(([, [first]]) => first !== undefined && selects(first, namespace, labels))
        .flatMap(([, group]) => group)
        .sort((a, b) => (order.get(a) ?? 0) - (order.get(b) ?? 0));
    byLabels.set(key, found);
    return found;
  };
  return {
    workloadsOf: (service) => (order.has(service) ? workloadsOf(service) : []),
    servicesOf,
  };
}

/** A Service without a selector selects nothing (Kubernetes, "Services without selectors"). */
function selects(
  { namespace, selector }: Service,
  of: string,
  labels: Readonly<Record<string, string>>,
): boolean {
  const names = Object.keys(selector ?? {});
  return namespace === of && names.length > 0 && matchesLabels(selector ?? {}, labels);
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
