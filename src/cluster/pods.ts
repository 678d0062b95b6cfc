// The state of a pod: whether it serves, and what it waits for, with the cluster's message.
import type { ContainerStatus, Event, Pod } from "kubernetes-types/core/v1.d.ts";
import type { ClusterApi } from "./api.ts";
import { ClusterFailure } from "./failure.ts";
import { listPath } from "./objects.ts";

export interface PodState {
  readonly pod: string;
  readonly node: string | null;
  readonly image: string;
  readonly ready: boolean;
  readonly restarts: number;
  /** null: it serves. */
  readonly waits: PodWait | null;
}

export interface PodWait {
  /** `making`: it has not started yet, without any error. */
  readonly for: "scheduling" | "making" | "start" | "image" | "crash" | "readiness";
  /** One line, from the scheduler, the kubelet, or the probe. */
  readonly message: string;
  /** The container's last output before it ended; empty where none was kept. */
  readonly lastLogLines: string;
  /** It has failed repeatedly and will not recover: waiting is useless. */
  readonly hopeless: boolean;
}

/** HAProxy's container; the only one in the pods that Portico writes. */
export const CONTAINER = "haproxy";

export function podState(pod: Pod, events: readonly Event[]): PodState {
  const container = containerOf(pod);
  const ready = pod.status?.conditions?.some(({ type, status }) => type === "Ready" && status === "True");
  return {
    pod: pod.metadata?.name ?? "",
    node: pod.spec?.nodeName ?? null,
    image: container?.image ?? pod.spec?.containers[0]?.image ?? "",
    ready: ready === true,
    restarts: container?.restartCount ?? 0,
    waits: ready === true ? null : waitOf(pod, container, events),
  };
}

/** Events of a pod, the latest last; none where we may not read them. */
export async function eventsOf(api: ClusterApi, pod: Pod): Promise<readonly Event[]> {
  try {
    const { items } = await api.get<{ items: readonly Event[] }>(
      listPath({ apiVersion: "v1", kind: "Event" }, pod.metadata?.namespace ?? ""),
      { fieldSelector: `involvedObject.uid=${pod.metadata?.uid}` },
    );
    return items.toSorted((a, b) => momentOf(a) - momentOf(b));
  } catch (error) {
    if (error instanceof ClusterFailure) return [];
    throw error;
  }
}

/** HAProxy's last output before it ended: its alerts and warnings where there are any. */
export async function lastLogLines(
  api: ClusterApi,
  namespace: string,
  { pod, waits }: PodState,
): Promise<readonly string[]> {
  // The kubelet keeps them in the pod's status (terminationMessagePolicy), also when the log is gone.
  const complaints = complaintsIn(waits?.lastLogLines ?? "");
  if (complaints.length > 0) return complaints;
  const path = `${listPath({ apiVersion: "v1", kind: "Pod" }, namespace)}/${pod}/log`;
  for (const previous of ["true", "false"]) {
    try {
      const text = await api.text("GET", path, {
        query: { container: CONTAINER, previous, tailLines: "60" },
      });
      const said = complaintsIn(text);
      if (said.length > 0) return said;
    } catch (error) {
      if (!(error instanceof ClusterFailure)) throw error;
    }
  }
  return [];
}

function complaintsIn(text: string): readonly string[] {
  const lines = text
    .split("\n")
    .filter((line) => line.trim() !== "" && !line.startsWith("unable to retrieve container logs"));
  const complaints = lines.filter((line) => /^\[(ALERT|WARNING)\]|^haproxy: /.test(line));
  return (complaints.length > 0 ? complaints : lines).slice(-6);
}

function waitOf(pod: Pod, container: ContainerStatus | undefined, events: readonly Event[]): PodWait {
  const scheduled = pod.status?.conditions?.find(({ type }) => type === "PodScheduled");
  if (pod.spec?.nodeName === undefined)
    return scheduled?.message === undefined
      ? { for: "making", message: "not scheduled yet", hopeless: false, lastLogLines: "" }
      : { for: "scheduling", message: scheduled.message, hopeless: false, lastLogLines: "" };
  const waiting = container?.state?.waiting;
  const why = waiting?.reason ?? "";
  if (/^(ErrImage|ImagePull|InvalidImageName|RegistryUnavailable|ImageInspect)/.test(why))
    return {
      for: "image",
      message: imageWords(waiting?.message, events),
      hopeless: why !== "ErrImagePull",
      lastLogLines: "",
    };
  const ended = container?.state?.terminated ?? container?.lastState?.terminated;
  if (why === "CrashLoopBackOff" || container?.state?.terminated !== undefined)
    return {
      for: "crash",
      message: `${ended?.reason === "OOMKilled" ? "was killed because it used too much memory (OOMKilled)" : `exited with status ${ended?.exitCode ?? "unknown"}`}`,
      hopeless: why === "CrashLoopBackOff" || (container?.restartCount ?? 0) > 0,
      lastLogLines: ended?.message ?? "",
    };
  if (container?.state?.running !== undefined)
    return {
      for: "readiness",
      message: probeWords(events) ?? "not probed yet",
      hopeless: false,
      lastLogLines: "",
    };
  const complaint = waiting?.message ?? events.findLast(({ type }) => type === "Warning")?.message;
  return {
    for: complaint === undefined ? "making" : "start",
    message: complaint ?? events.at(-1)?.message ?? "its container is being created",
    hopeless: why === "RunContainerError" || why === "CreateContainerError",
    lastLogLines: "",
  };
}

/** "Back-off pulling image …" has no reason: the failure before it does. */
function imageWords(message: string | undefined, events: readonly Event[]): string {
  const failed = events.findLast(({ message: said = "" }) => said.startsWith("Failed to pull image"));
  return failed?.message ?? message ?? "the image does not exist";
}

function probeWords(events: readonly Event[]): string | undefined {
  return events.findLast(({ reason }) => reason === "Unhealthy")?.message;
}

function containerOf(pod: Pod): ContainerStatus | undefined {
  const statuses = pod.status?.containerStatuses ?? [];
  return statuses.find(({ name }) => name === CONTAINER) ?? statuses[0];
}

function momentOf({ lastTimestamp, eventTime, metadata }: Event): number {
  return Date.parse(String(lastTimestamp ?? eventTime ?? metadata.creationTimestamp ?? ""));
}
