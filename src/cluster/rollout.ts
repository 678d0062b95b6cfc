// Waits until the pods of the new version serve: what each waits for, and when waiting is useless.
import { setTimeout as sleep } from "node:timers/promises";
import type { DaemonSet, Deployment } from "kubernetes-types/apps/v1.d.ts";
import type { Finding } from "../findings/finding.ts";
import { sentence } from "../findings/sentence.ts";
import type { ClusterApi } from "./api.ts";
import { isUnreachable } from "./failure.ts";
import { type KubernetesObject, nameOf } from "./objects.ts";
import { eventsOf, lastLogLines, type PodState, podState } from "./pods.ts";
import { quotaFinding } from "./refusals.ts";
import { type Workload, type WorkloadPods, workloadPods } from "./workload.ts";

export interface RolloutState {
  /** Serving pods of the new version, and their desired number. */
  readonly ready: number;
  readonly wanted: number;
  /** Pods of earlier versions that still serve. */
  readonly older: number;
  readonly pods: readonly PodState[];
  /** How long the cluster has not answered, in ms. */
  readonly awayMs: number;
}

export interface RolloutOptions {
  /** How long without progress until it counts as failed, where the workload itself does not report it earlier. */
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
}

/** Polling interval: one GET returns the whole state, so nothing is missed while the cluster does not answer. */
const POLL_MS = 700;
/** Pods may be refused temporarily: quotas are counted with a delay. */
const REFUSED_FOR_MS = 6_000;
const MOST_LOOKED_AT = 8;

/** Returns nothing when all serve, and otherwise the reasons. Rejects with ClusterFailure for failures that waiting does not fix. */
export async function awaitRollout(
  api: ClusterApi,
  named: KubernetesObject,
  options: RolloutOptions,
  notify: (state: RolloutState) => void,
): Promise<readonly Finding[]> {
  let progressed = Date.now();
  let last: RolloutState = { ready: 0, wanted: 0, older: 0, pods: [], awayMs: 0 };
  let refusedSince: number | undefined;
  let awaySince: number | undefined;
  for (;;) {
    options.signal?.throwIfAborted();
    const late = Date.now() - progressed > options.timeoutMs;
    try {
      const seen = await workloadPods(api, named);
      awaySince = undefined;
      const state = await stateOf(api, seen);
      if (state.ready !== last.ready || state.older !== last.older) progressed = Date.now();
      last = state;
      notify(last);
      if (isDone(seen.workload)) return [];
      const refused = refusalIn(seen.workload);
      refusedSince = refused === undefined ? undefined : (refusedSince ?? Date.now());
      if (refused !== undefined && Date.now() - (refusedSince ?? 0) > REFUSED_FOR_MS)
        return [podsRefused(named, refused)];
      const hopeless = last.pods.filter(({ waits }) => waits?.hopeless === true);
      if (hopeless.length > 0) return findingsOf(api, named, last, hopeless);
      if (late) return findingsOf(api, named, last, last.pods, options.timeoutMs);
      if (hasFailed(seen.workload)) return findingsOf(api, named, last, last.pods);
    } catch (error) {
      if (!isUnreachable(error)) throw error;
      awaySince ??= Date.now();
      notify({ ...last, awayMs: Date.now() - awaySince });
      if (late) throw error;
    }
    await sleep(POLL_MS);
  }
}

async function stateOf(api: ClusterApi, { workload, current, older }: WorkloadPods): Promise<RolloutState> {
  const pods = await Promise.all(
    current.map(async (pod, index) => {
      const looked = index < MOST_LOOKED_AT && !podState(pod, []).ready;
      return podState(pod, looked ? await eventsOf(api, pod) : []);
    }),
  );
  return {
    ready: pods.filter(({ ready }) => ready).length,
    wanted: wantedOf(workload),
    older: older.length,
    pods,
    awayMs: 0,
  };
}

function wantedOf({ kind, spec, status }: Workload): number {
  if (kind === "DaemonSet") return (status as DaemonSet["status"])?.desiredNumberScheduled ?? 0;
  return (spec as Deployment["spec"])?.replicas ?? 1;
}

function isDone(workload: Workload): boolean {
  const { metadata, status, kind } = workload;
  if ((status?.observedGeneration ?? 0) < (metadata.generation ?? 0)) return false;
  const wanted = wantedOf(workload);
  if (kind === "DaemonSet") {
    const { updatedNumberScheduled = 0, numberAvailable = 0 } = (status as DaemonSet["status"]) ?? {};
    return updatedNumberScheduled >= wanted && numberAvailable >= wanted;
  }
  const { replicas = 0, updatedReplicas = 0, availableReplicas = 0 } = (status as Deployment["status"]) ?? {};
  return updatedReplicas >= wanted && replicas <= updatedReplicas && availableReplicas >= updatedReplicas;
}

/** The controller's own verdict: no progress within progressDeadlineSeconds. */
function hasFailed({ metadata, status }: Workload): boolean {
  return (
    (status?.observedGeneration ?? 0) >= (metadata.generation ?? 0) &&
    conditionsOf(status).some(({ reason }) => reason === "ProgressDeadlineExceeded")
  );
}

function refusalIn({ metadata, status }: Workload): string | undefined {
  if ((status?.observedGeneration ?? 0) < (metadata.generation ?? 0)) return undefined;
  return conditionsOf(status).find((one) => one.type === "ReplicaFailure" && one.status === "True")?.message;
}

interface Condition {
  readonly type: string;
  readonly status: string;
  readonly reason?: string;
  readonly message?: string;
}

function conditionsOf(status: Workload["status"]): readonly Condition[] {
  return status?.conditions ?? [];
}

function podsRefused(named: KubernetesObject, message: string): Finding {
  if (/exceeded quota|failed quota/.test(message)) return quotaFinding(`a pod of ${nameOf(named)}`, message);
  return {
    code: "pods-rejected",
    severity: "error",
    what: `the cluster does not admit pods of ${nameOf(named)}`,
    why: `${message}.`,
    remedy: "Change what the message names in the description, or have the namespace's policy changed.",
    at: [],
  };
}

/** One finding per reason: ten pods that lack the same image are one mistake. `withinMs`: the elapsed timeout. */
async function findingsOf(
  api: ClusterApi,
  named: KubernetesObject,
  state: RolloutState,
  pods: readonly PodState[],
  withinMs?: number,
): Promise<readonly Finding[]> {
  const waiting = pods.filter(({ waits }) => waits !== null);
  const kinds = new Map(waiting.map((pod) => [pod.waits?.for ?? "readiness", pod]));
  if (kinds.size === 0) return [withinMs === undefined ? noPods(named) : notAll(named, state, withinMs)];
  const found = [...kinds.values()].map((pod) => podFinding(api, named, pod, withinMs));
  return Promise.all(found);
}

type Fault = Pick<Finding, "code" | "what" | "why" | "remedy">;

async function podFinding(
  api: ClusterApi,
  named: KubernetesObject,
  pod: PodState,
  withinMs: number | undefined,
): Promise<Finding> {
  const fault =
    pod.waits?.for === "crash"
      ? crashFault(pod, await lastLogLines(api, named.metadata.namespace ?? "", pod))
      : waitFault(named, pod, withinMs);
  return { ...fault, severity: "error", at: [] };
}

function crashFault({ pod, waits }: PodState, words: readonly string[]): Fault {
  return {
    code: "pod-crashes",
    what: `HAProxy does not keep running in ${pod}`,
    why:
      words.length === 0
        ? `It ${waits?.message}, without output.`
        : `It ${waits?.message}, with the output:\n${words.join("\n")}`,
    remedy: "Run `portico check` with the image's HAProxy version, and fix these lines.",
  };
}

function waitFault(named: KubernetesObject, pod: PodState, withinMs: number | undefined): Fault {
  const why = `${pod.waits?.message ?? ""}.`;
  switch (pod.waits?.for) {
    case "image":
      return {
        code: "image-pull-failed",
        what: `the image ${pod.image} cannot be pulled on ${pod.node}`,
        why,
        remedy:
          "Push it (`portico image build --push`), correct `image.repository`, or name the registry's Secret in `kubernetes.pullSecrets`.",
      };
    case "scheduling":
      return {
        code: "pod-not-scheduled",
        what: `no node can run ${pod.pod}`,
        why,
        remedy: "Add nodes, or describe fewer `replicas` or smaller `resources`.",
      };
    case "start":
      return {
        code: "pod-not-started",
        what: `the container of ${pod.pod} cannot be created`,
        why,
        remedy: "Create what the message names: a Secret of `certificates`, or a ConfigMap that was deleted.",
      };
    default:
      return notReadyFault(named, pod, withinMs);
  }
}

function notReadyFault(
  named: KubernetesObject,
  { pod, waits }: PodState,
  withinMs: number | undefined,
): Fault {
  const message = waits?.message ?? "";
  const shows = waits?.for === "making" ? "describe pod" : "logs";
  const command = `\`kubectl --namespace ${named.metadata.namespace} ${shows} ${pod}\``;
  return {
    code: "pod-not-ready",
    what:
      withinMs === undefined
        ? `${pod} does not become ready`
        : `${pod} is not ready within ${withinMs / 1000}s`,
    why: sentence(message),
    remedy:
      withinMs === undefined ? `Run ${command}.` : `Allow more time with \`--timeout\`, or run ${command}.`,
  };
}

function notAll(named: KubernetesObject, { ready, wanted, older }: RolloutState, withinMs: number): Finding {
  return {
    code: "pod-not-ready",
    severity: "error",
    what: `${nameOf(named)} is not ready within ${withinMs / 1000}s`,
    why: `${ready} of ${wanted} pods serve${older === 0 ? "" : `, and ${older} of an earlier version still run`}.`,
    remedy: `Allow more time with \`--timeout\`, or run \`kubectl --namespace ${named.metadata.namespace} describe ${named.kind.toLowerCase()} ${named.metadata.name}\`.`,
    at: [],
  };
}

function noPods(named: KubernetesObject): Finding {
  return {
    code: "pod-not-scheduled",
    severity: "error",
    what: `${nameOf(named)} has no pods`,
    why: "Its controller creates none: it is paused, or no node fits.",
    remedy: `Run \`kubectl --namespace ${named.metadata.namespace} describe ${named.kind.toLowerCase()} ${named.metadata.name}\`.`,
    at: [],
  };
}
