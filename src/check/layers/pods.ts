// Pods that run HAProxy, as far as the files show.
import type { Container, HaproxyLayer, Wiring, Workload } from "../../wiring/wiring.ts";

export interface HaproxyPod {
  readonly workload: Workload;
  readonly container: Container;
  /** The configurations it runs: one, unless several are read by the same container. */
  readonly haproxies: readonly HaproxyLayer[];
}

/** Containers of pods that run a HAProxy whose configuration is in the folder. */
export function haproxyContainers(wiring: Wiring): readonly HaproxyPod[] {
  return runningContainers(wiring).filter(({ workload }) => workload.compose === undefined);
}

/** The same, with services of Compose. */
export function runningContainers(wiring: Wiring): readonly HaproxyPod[] {
  const pods = new Map<Container, { workload: Workload; haproxies: HaproxyLayer[] }>();
  for (const haproxy of wiring.haproxies) {
    if (haproxy.runBy === undefined) continue;
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

/** The configurations that the containers of a pod run. */
export function runIn({ haproxies }: Wiring, workload: Workload): readonly HaproxyLayer[] {
  return haproxies.filter(({ runBy }) => runBy?.workload === workload);
}
