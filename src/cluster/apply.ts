// Writing an edge's objects, and the way back: what was there before, written again.
import { setTimeout as sleep } from "node:timers/promises";
import type { Finding } from "../findings/finding.ts";
import type { ClusterApi } from "./api.ts";
import type { ObjectChange } from "./changes.ts";
import { isUnreachable } from "./failure.ts";
import { FIELD_MANAGER, type KubernetesObject, NAMED_BY_CONTENT, nameOf, objectPath } from "./objects.ts";
import { appliedBy } from "./owned-fields.ts";
import { refusalOf } from "./refusals.ts";

/** One object that was written, and what it takes to go back. */
export interface AppliedChange {
  readonly object: KubernetesObject;
  /** As it was; undefined: there was none. */
  readonly before: KubernetesObject | undefined;
  /** As the cluster has it now; undefined: it was deleted, or nobody answered. */
  readonly now: KubernetesObject | undefined;
}

export interface Written {
  readonly applied: AppliedChange[];
  /** The object that was sent, and for which there is no answer yet. */
  underWay: string | null;
}

/** A cluster that is away in the middle is waited for so long. */
const PATIENCE_MS = 30_000;
const AGAIN_MS = 1_000;

/**
 * Writes what is new or changed, in its order, and stops at the first refusal, which it gives. What is to go is left alone until the
 * rest has proven itself. `written` is kept up to date meanwhile: who is interrupted knows how far it came.
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
    written.underWay = nameOf(object);
    try {
      if (change === "replaced") await withRetries(() => api.remove(object, live?.metadata.uid));
      const now = await withRetries(() => api.apply(object, options));
      applied.push({ object, before: live, now });
      written.underWay = null;
    } catch (error) {
      // What had no answer may have been written all the same.
      if (change === "replaced" || isUnreachable(error))
        applied.push({ object, before: live, now: undefined });
      return refusalOf(error, object, api);
    }
  }
  return [];
}

export interface Undone {
  /** `Deployment app-edge` …: written as it was before. */
  readonly restored: readonly string[];
  /** Made by this deploy, and deleted. */
  readonly removed: readonly string[];
  /** What could not be undone, each with the reason. */
  readonly left: readonly string[];
}

/** Goes back, the last written first; what fails is said, and the rest goes on. */
export async function undoChanges(api: ClusterApi, applied: readonly AppliedChange[]): Promise<Undone> {
  const restored: string[] = [];
  const removed: string[] = [];
  const left: string[] = [];
  let away = false;
  // What was there before comes first: only then may what the new one names go.
  const order = [...applied].reverse();
  for (const one of [
    ...order.filter(({ before }) => before !== undefined),
    ...order.filter(({ before }) => before === undefined),
  ]) {
    try {
      // Waited for once is enough: the rest is tried, and said.
      const undone = await withRetries(() => undoOne(api, one), away ? 0 : PATIENCE_MS);
      if (undone) (one.before === undefined ? removed : restored).push(nameOf(one.object));
    } catch (error) {
      away ||= isUnreachable(error);
      left.push(`${nameOf(one.object)}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  return { restored, removed, left };
}

/** Whether there was anything to undo. */
async function undoOne(api: ClusterApi, { object, before, now }: AppliedChange): Promise<boolean> {
  if (before === undefined) return removeMade(api, object, now);
  const ours = appliedBy(before, FIELD_MANAGER);
  // What is named by its content, edited by hand, and replaced by what its name says: the edit is not ours to bring back, but it must be there.
  if (NAMED_BY_CONTENT.has(object.kind)) {
    if (now === undefined) await api.apply(object, { force: true });
    return true;
  }
  if (ours !== undefined) {
    await api.apply(ours, { force: true });
    return true;
  }
  // Not ours before (`--force` took it over): written back whole, under the name of who had it.
  const { resourceVersion: _, managedFields, ...metadata } = before.metadata;
  const owner = managedFields?.find(({ subresource }) => subresource === undefined)?.manager ?? FIELD_MANAGER;
  await api.ask("PUT", objectPath(before), {
    query: { fieldManager: owner },
    body: { ...before, metadata, status: undefined },
  });
  return true;
}

/** Without an answer nobody knows whether it was made; what is there is ours only where we have applied it. */
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

/** Again and again while nobody answers, for as long as one has patience. */
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
