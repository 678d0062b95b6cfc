// Pods that run HAProxy, as far as the files tell, and values deep in their objects.
import type { Container, HaproxyLayer, KubernetesObject, Wiring, Workload } from "../../wiring/wiring.ts";

export interface HaproxyPod {
  readonly workload: Workload;
  readonly container: Container;
  /** The configurations it runs: one, unless several are read by the same container. */
  readonly haproxies: readonly HaproxyLayer[];
}

/** Containers that run a HAProxy whose configuration lies here. */
export function haproxyContainers(wiring: Wiring): readonly HaproxyPod[] {
  const pods = new Map<Container, { workload: Workload; haproxies: HaproxyLayer[] }>();
  for (const haproxy of wiring.haproxies) {
    if (haproxy.runBy === null) continue;
    const { workload, container } = haproxy.runBy;
    const pod = pods.get(container) ?? { workload, haproxies: [] };
    pod.haproxies.push(haproxy);
    pods.set(container, pod);
  }
  return [...pods].map(([container, pod]) => ({ container, ...pod }));
}

/** The pod of each configuration that one is known to run. */
export function podsByLayer(wiring: Wiring): ReadonlyMap<HaproxyLayer, HaproxyPod> {
  return new Map(haproxyContainers(wiring).flatMap((pod) => pod.haproxies.map((one) => [one, pod] as const)));
}

/** What stands at a path of an object, or undefined. */
export function valueAt({ data }: KubernetesObject, path: readonly (string | number)[]): unknown {
  let at: unknown = data;
  for (const key of path)
    at =
      typeof at === "object" && at !== null
        ? (at as Readonly<Record<string | number, unknown>>)[key]
        : undefined;
  return at;
}

/** Whether a selector picks pods with these labels; an empty one picks all. */
export function selects(
  selector: Readonly<Record<string, string>>,
  labels: Readonly<Record<string, string>>,
): boolean {
  return Object.entries(selector).every(([key, value]) => labels[key] === value);
}
