// The state of an edge in its cluster: pods, versions, servers as every HAProxy sees them, and drift from what is rendered.
import type { Finding } from "../findings/finding.ts";
import type { Plan } from "../plan/plan.ts";
import type { ClusterApi } from "./api.ts";
import { compareWithCluster, type ObjectChange } from "./changes.ts";
import { ClusterFailure } from "./failure.ts";
import { requestPod } from "./forward.ts";
import { type PodMetrics, readMetrics } from "./metrics.ts";
import type { KubernetesObject } from "./objects.ts";
import { eventsOf, type PodState, podState } from "./pods.ts";
import { isWorkload, workloadPods } from "./workload.ts";

export interface PodStatus extends PodState {
  readonly current: boolean;
  /** undefined: it could not be queried, for the reason in `unreached`. */
  readonly metrics: PodMetrics | undefined;
  readonly unreached: string | null;
}

export interface ServerStatus {
  readonly backend: string;
  readonly server: string;
  /** Names of the pods that see it up, and of the others. */
  readonly up: readonly string[];
  readonly down: readonly string[];
}

export interface EdgeStatus {
  /** null: the edge is not deployed. */
  readonly replicas: { readonly wanted: number; readonly ready: number } | null;
  readonly pods: readonly PodStatus[];
  readonly servers: readonly ServerStatus[];
  readonly drift: readonly ObjectChange[];
  readonly findings: readonly Finding[];
}

/** Rejects with ClusterFailure when the cluster does not answer. */
export async function edgeStatus(
  api: ClusterApi,
  plan: Plan,
  objects: readonly KubernetesObject[],
): Promise<EdgeStatus> {
  const { namespace, kubernetes } = plan;
  const [{ changes, findings }, stand] = await Promise.all([
    compareWithCluster(api, objects, { namespace, instance: kubernetes.names.edge }),
    stateOf(api, plan, objects.find(isWorkload)),
  ]);
  const drift = changes.filter(({ change }) => change !== "unchanged");
  return { ...stand, servers: serversOf(stand.pods, plan), drift, findings };
}

async function stateOf(
  api: ClusterApi,
  plan: Plan,
  named: KubernetesObject | undefined,
): Promise<Pick<EdgeStatus, "replicas" | "pods">> {
  const live = named === undefined ? undefined : await api.find(named);
  if (live === undefined) return { replicas: null, pods: [] };
  const { current, older, workload } = await workloadPods(api, live);
  const pods = await Promise.all(
    [...current, ...older].map(async (pod): Promise<PodStatus> => {
      const quick = podState(pod, []);
      const stand = quick.ready ? quick : podState(pod, await eventsOf(api, pod));
      return { ...stand, current: current.includes(pod), ...(await measurementsOf(api, plan, stand)) };
    }),
  );
  const wanted =
    workload.kind === "DaemonSet"
      ? numberOf(workload.status, "desiredNumberScheduled")
      : numberOf(workload.spec, "replicas");
  return { replicas: { wanted, ready: pods.filter(({ ready }) => ready).length }, pods };
}

async function measurementsOf(
  api: ClusterApi,
  { namespace, health }: Plan,
  { pod, waits }: PodState,
): Promise<Pick<PodStatus, "metrics" | "unreached">> {
  if (waits !== null && waits.for !== "readiness")
    return { metrics: undefined, unreached: "it is not running" };
  try {
    const { status, text } = await requestPod(api, { namespace, pod, port: health.port.value }, "/metrics");
    return status === 200
      ? { metrics: readMetrics(text), unreached: null }
      : { metrics: undefined, unreached: `/metrics answered ${status}` };
  } catch (error) {
    if (!(error instanceof ClusterFailure)) throw error;
    return { metrics: undefined, unreached: error.message };
  }
}

/**
 * Every server once, with its state by pod: replicas run their own checks, and may differ. Unused slots of a `server-template` are
 * left out.
 */
function serversOf(pods: readonly PodStatus[], { backends }: Plan): readonly ServerStatus[] {
  const slotted = new Set(
    backends.filter(({ servers }) => servers.some(({ slots }) => slots !== null)).map(({ name }) => name),
  );
  const known = new Map<string, { backend: string; server: string; up: string[]; down: string[] }>();
  for (const { pod, metrics } of pods)
    for (const { backend, server, up, state } of metrics?.servers ?? []) {
      if (state === "MAINT" && slotted.has(backend)) continue;
      const key = `${backend}/${server}`;
      const one = known.get(key) ?? { backend, server, up: [], down: [] };
      (up ? one.up : one.down).push(pod);
      known.set(key, one);
    }
  return [...known.values()];
}

function numberOf(part: unknown, name: string): number {
  const value = (part as Readonly<Record<string, unknown>> | undefined)?.[name];
  return typeof value === "number" ? value : 0;
}
