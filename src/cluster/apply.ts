// Writes an edge's objects, and rolls back: writes the former objects again.
import { setTimeout as sleep } from "node:timers/promises";
import type { Finding } from "../findings/finding.ts";
import type { ClusterApi } from "./api.ts";
import type { ObjectChange } from "./changes.ts";
import { isUnreachable } from "./failure.ts";
import { FIELD_MANAGER, type KubernetesObject, NAMED_BY_CONTENT, nameOf, objectPath } from "./objects.ts";
import { appliedBy } from "./owned-fields.ts";
import { refusalOf } from "./refusals.ts";

export interface AppliedChange {
  readonly object: KubernetesObject;
  /** Its former state; undefined: it did not exist. */
  readonly before: KubernetesObject | undefined;
  /** Its state in the cluster now; undefined: it was deleted, or the answer is missing. */
  readonly now: KubernetesObject | undefined;
}

export interface Written {
  readonly applied: AppliedChange[];
  /** The object that was sent, but whose answer has not arrived yet. */
  inFlight: string | undefined;
}

/** How long to retry when the cluster stops answering. */
const PATIENCE_MS = 30_000;
const AGAIN_MS = 1_000;

/**
 * Writes new and changed objects in order, and stops at the first refusal, which it returns. Objects to remove are kept until the
 * rest is verified. `written` is updated meanwhile, so that an interrupt can report the progress.
 */
export async function applyChanges(
  api: ClusterApi,
  changes: readonly ObjectChange[],
  options: { readonly force: boolean },
  written: Written,
): Promise<readonly Finding[]> {
  const { applied } = written;
  for (const { object, change, live } of changes) {
    if (change === "removed" || change === "unchanged") continue;
    written.inFlight = nameOf(object);
    try {
      if (change === "replaced") await withRetries(() => api.remove(object, live?.metadata.uid));
      const now = await withRetries(() => api.apply(object, options));
      applied.push({ object, before: live, now });
      written.inFlight = undefined;
    } catch (error) {
      // A request without an answer may have been executed.
      if (change === "replaced" || isUnreachable(error))
        applied.push({ object, before: live, now: undefined });
      return refusalOf(error, object, api);
    }
  }
  return [];
}

export interface Rollback {
  /** `Deployment app-edge` …: its former state was restored. */
  readonly restored: readonly string[];
  /** Created by this deploy, and deleted. */
  readonly removed: readonly string[];
  /** What could not be rolled back, each with the reason. */
  readonly left: readonly string[];
}

/** Rolls back, the last written object first; reports failures, and continues. */
export async function rollBack(api: ClusterApi, applied: readonly AppliedChange[]): Promise<Rollback> {
  const restored: string[] = [];
  const removed: string[] = [];
  const left: string[] = [];
  let away = false;
  // Former objects come first: only then may the ones that the new workload names be deleted.
  const order = [...applied].reverse();
  for (const one of [
    ...order.filter(({ before }) => before !== undefined),
    ...order.filter(({ before }) => before === undefined),
  ]) {
    try {
      // Retries are exhausted: each of the others is tried once.
      const rolledBack = await withRetries(() => restoreOne(api, one), away ? 0 : PATIENCE_MS);
      if (rolledBack) (one.before === undefined ? removed : restored).push(nameOf(one.object));
    } catch (error) {
      away ||= isUnreachable(error);
      left.push(`${nameOf(one.object)}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  return { restored, removed, left };
}

async function restoreOne(api: ClusterApi, { object, before, now }: AppliedChange): Promise<boolean> {
  if (before === undefined) return removeMade(api, object, now);
  const ours = appliedBy(before, FIELD_MANAGER);
  // An object named by its content, edited by hand, was replaced. The edit is not restored, but the object must exist.
  if (NAMED_BY_CONTENT.has(object.kind)) {
    if (now === undefined) await api.apply(object, { force: true });
    return true;
  }
  if (ours !== undefined) {
    await api.apply(ours, { force: true });
    return true;
  }
  // Not ours before (`--force` took it over): restored completely, under its former field manager.
  const { resourceVersion: _, managedFields, ...metadata } = before.metadata;
  const owner = managedFields?.find(({ subresource }) => subresource === undefined)?.manager ?? FIELD_MANAGER;
  await api.request("PUT", objectPath(before), {
    query: { fieldManager: owner },
    body: { ...before, metadata, status: undefined },
  });
  return true;
}

/** Without an answer it is unknown whether the object was created; it is ours only if we have applied it. */
async function removeMade(
  api: ClusterApi,
  object: KubernetesObject,
  now: KubernetesObject | undefined,
): Promise<boolean> {
  const made = now ?? (await api.find(object));
  if (made === undefined || appliedBy(made, FIELD_MANAGER) === undefined) return false;
  await api.remove(object, made.metadata.uid);
  return true;
}

/** Retries while the cluster does not answer, until the time is up. */
export async function withRetries<T>(work: () => Promise<T>, patienceMs = PATIENCE_MS): Promise<T> {
  const until = Date.now() + patienceMs;
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (!isUnreachable(error) || Date.now() >= until) throw error;
      await sleep(AGAIN_MS);
    }
  }
}
