// A deploy: what it would do, and doing it, with the way back when the edge does not get ready or does not do as expected.
import type { Finding } from "../findings/finding.ts";
import type { Plan } from "../plan/plan.ts";
import type { ClusterApi } from "./api.ts";
import { applyChanges, type Undone, undoChanges, type Written, withRetries } from "./apply.ts";
import { checkBackendServices } from "./backend-services.ts";
import { type Changes, compareWithCluster } from "./changes.ts";
import { failedWith } from "./failure.ts";
import { takeLease } from "./lease.ts";
import { removeLeftovers } from "./leftovers.ts";
import { checkNodeSources } from "./node-sources.ts";
import { nothingVerified } from "./nothing-verified.ts";
import { type KubernetesObject, nameOf, objectPath } from "./objects.ts";
import { missingNamespace, refusalOf } from "./refusals.ts";
import { checkRights, type Rights } from "./rights.ts";
import { awaitRollout, type RolloutState } from "./rollout.ts";
import { type Verified, verifyEdge } from "./verify.ts";
import { isWorkload, workloadPods } from "./workload.ts";

export interface DeployRequest {
  readonly plan: Plan;
  readonly objects: readonly KubernetesObject[];
  /** Take fields over from who owns them. */
  readonly force: boolean;
}

export interface Survey extends Changes {
  readonly rights: Rights;
}

/** What would change, and what stands in the way; nothing is written. Rejects with ClusterFailure. */
export async function surveyDeploy(api: ClusterApi, wish: DeployRequest): Promise<Survey> {
  const { plan, objects, force } = wish;
  const { namespace } = plan;
  const [found, rights] = await Promise.all([
    namespaceExists(api, namespace),
    checkRights(api, namespace, objects),
  ]);
  const stands = [...(found ? [] : [missingNamespace(namespace)]), ...rights.findings];
  if (stands.some(({ severity }) => severity === "error")) return { rights, changes: [], findings: stands };
  const instance = plan.kubernetes.names.edge;
  const [compared, services, sources] = await Promise.all([
    compareWithCluster(api, objects, { namespace, instance, force }),
    checkBackendServices(api, plan),
    checkNodeSources(api, plan),
  ]);
  return {
    rights,
    changes: compared.changes,
    findings: [...stands, ...compared.findings, ...services, ...sources],
  };
}

export interface DeployOptions {
  /** `jane@laptop (pid 4711)`. */
  readonly holder: string;
  readonly force: boolean;
  readonly rollback: boolean;
  /** Until pods that do not get ready are given up. */
  readonly timeoutMs: number;
  readonly nodes?: readonly string[];
  readonly sendWrites: boolean;
}

export type DeployEvent =
  | { readonly stage: "applying"; readonly changes: number }
  | { readonly stage: "rolling-out"; readonly state: RolloutState }
  | { readonly stage: "verifying"; readonly tested: number; readonly of: number }
  | { readonly stage: "going-back" }
  | { readonly stage: "waiting-for-the-former"; readonly state: RolloutState };

export interface DeployOutcome {
  /**
   * `done`: it serves, and does as expected. `refused`: nothing was changed. `unverified`: it serves, and what it does was not seen.
   * `undone`: it is as it was before. `left`: it stands as it failed.
   */
  readonly state: "done" | "refused" | "unverified" | "undone" | "left";
  /** Why it is not done; where it is, what could not be cleared. */
  readonly findings: readonly Finding[];
  readonly verified: Verified | null;
  readonly undone: Undone | null;
  /** Names of what was deleted because nothing needs it any more. */
  readonly cleared: readonly string[];
  /** Who held the lease and let it run out: their deploy ended in the middle. */
  readonly takenOverFrom: string | null;
}

/** How far a deploy has come, for who must say so when it is interrupted. */
export interface DeployRun extends Written {
  stage: "before" | "applying" | "rolling out" | "verifying" | "going back" | "after";
  release: () => Promise<void>;
}

export function beginRun(): DeployRun {
  return { applied: [], underWay: null, stage: "before", release: async () => undefined };
}

/** Rejects with ClusterFailure only before anything was changed. */
export async function runDeploy(
  api: ClusterApi,
  { plan, objects, force }: DeployRequest,
  surveyed: Survey,
  options: DeployOptions,
  tell: (event: DeployEvent) => void,
  course: DeployRun = beginRun(),
): Promise<DeployOutcome> {
  const { namespace } = plan;
  const instance = plan.kubernetes.names.edge;
  const lease = await takeLease(api, { namespace, instance, holder: options.holder });
  if (lease.value === undefined) return outcome({ state: "refused", findings: lease.findings });
  course.release = lease.value.release;
  const takenOverFrom = lease.value.leftBy;
  try {
    // Others may have deployed while a person was asked: what is written, and gone back to, is what stands here now.
    const { changes, findings: refused } = await compareWithCluster(api, objects, {
      namespace,
      instance,
      force,
    });
    const stands = refused.filter(({ severity }) => severity === "error");
    if (stands.length > 0) return outcome({ state: "refused", findings: stands, takenOverFrom });
    const survey = { ...surveyed, changes };
    const deploy: Running = { api, plan, objects, survey, options, tell, course, lost: lease.value.lost };
    const findings = await applyAndWait(deploy);
    const { verified, unasked, unseen } = findings.length === 0 ? await verify(deploy) : NOT_VERIFIED;
    const failed = [...findings, ...unasked];
    if (failed.length > 0 || (verified !== null && !isAsExpected(verified)))
      return outcome({ ...(await goBack(deploy, failed)), verified, takenOverFrom });
    if (unseen.length > 0) return outcome({ state: "unverified", findings: unseen, verified, takenOverFrom });
    return outcome({ state: "done", ...(await clear(deploy, instance)), verified, takenOverFrom });
  } finally {
    course.stage = "after";
    await lease.value.release();
  }
}

interface Running {
  readonly api: ClusterApi;
  readonly plan: Plan;
  readonly objects: readonly KubernetesObject[];
  readonly survey: Survey;
  readonly options: DeployOptions;
  readonly tell: (event: DeployEvent) => void;
  readonly course: DeployRun;
  readonly lost: AbortSignal;
}

function outcome(known: Partial<DeployOutcome> & Pick<DeployOutcome, "state">): DeployOutcome {
  return { findings: [], verified: null, undone: null, cleared: [], takenOverFrom: null, ...known };
}

/** Nothing when all pods of the new version serve. */
async function applyAndWait(deploy: Running): Promise<readonly Finding[]> {
  const { api, survey, options, tell, course, lost } = deploy;
  const writes = survey.changes.filter(({ change }) => change !== "unchanged" && change !== "removed");
  course.stage = "applying";
  tell({ stage: "applying", changes: writes.length });
  const findings = await applyChanges(api, survey.changes, options, course);
  if (findings.length > 0) return findings;
  const workload = workloadOf(deploy);
  if (workload === undefined) return [];
  try {
    if (writes.some(({ change }) => change === "replaced")) await restart(api, workload);
    course.stage = "rolling out";
    return await awaitRollout(api, workload, { timeoutMs: options.timeoutMs, signal: lost }, (state) =>
      tell({ stage: "rolling-out", state }),
    );
  } catch (error) {
    return lost.aborted ? [lostLease()] : refusalOf(error, workload, api);
  }
}

interface Verification {
  readonly verified: Verified | null;
  /** Why it could not be asked. */
  readonly unasked: readonly Finding[];
  /** Why nothing was seen from here; no fault of the edge. */
  readonly unseen: readonly Finding[];
}

const NOT_VERIFIED: Verification = { verified: null, unasked: [], unseen: [] };

async function verify(deploy: Running): Promise<Verification> {
  const { api, plan, survey, options, tell, course } = deploy;
  const workload = workloadOf(deploy);
  if (workload === undefined) return NOT_VERIFIED;
  course.stage = "verifying";
  const of = plan.expectations.length;
  tell({ stage: "verifying", tested: 0, of });
  const asking = () =>
    verifyEdge(
      api,
      plan,
      workload,
      {
        rights: survey.rights,
        sendWrites: options.sendWrites,
        settleMs: plan.health.settleS.value * 1000,
        ...(options.nodes === undefined ? {} : { nodes: options.nodes }),
      },
      (tested) => tell({ stage: "verifying", tested, of }),
    );
  try {
    const { value: verified = null, findings } = await withRetries(asking);
    const nothing = verified === null ? undefined : nothingVerified(verified.results, { applied: true });
    return { verified, unasked: [], unseen: nothing === undefined ? findings : [nothing] };
  } catch (error) {
    return { verified: null, unasked: await refusalOf(error, workload, api), unseen: [] };
  }
}

/** To what was there before; a first deploy takes away what it made. Then the former pods must serve again. */
async function goBack(
  { api, options, tell, course, lost }: Running,
  findings: readonly Finding[],
): Promise<Pick<DeployOutcome, "state" | "findings" | "undone">> {
  // What another deploy has begun is its own to end.
  if (!options.rollback || lost.aborted) return { state: "left", findings, undone: null };
  course.stage = "going back";
  tell({ stage: "going-back" });
  const undone = await undoChanges(api, course.applied);
  const former = course.applied.find(({ object, before }) => isWorkload(object) && before !== undefined);
  const more =
    former === undefined || undone.left.length > 0
      ? []
      : await waitForFormer(api, former.object, options, tell);
  return { state: undone.left.length === 0 ? "undone" : "left", findings: [...findings, ...more], undone };
}

async function waitForFormer(
  api: ClusterApi,
  workload: KubernetesObject,
  { timeoutMs }: DeployOptions,
  tell: (event: DeployEvent) => void,
): Promise<readonly Finding[]> {
  try {
    return await awaitRollout(api, workload, { timeoutMs }, (state) =>
      tell({ stage: "waiting-for-the-former", state }),
    );
  } catch (error) {
    return refusalOf(error, workload, api);
  }
}

/** What an earlier rendering had and this one has not. The edge serves by now: what cannot be cleared is said, and the next deploy's. */
async function clear(
  { api, survey, ...deploy }: Running,
  instance: string,
): Promise<Pick<DeployOutcome, "cleared" | "findings">> {
  const cleared: string[] = [];
  const gone = survey.changes.filter(({ change }) => change === "removed").map(({ object }) => object);
  const workload = workloadOf(deploy);
  let at = workload;
  try {
    for (const object of gone) {
      at = object;
      await withRetries(() => api.remove(object, object.metadata.uid));
      cleared.push(nameOf(object));
    }
    at = workload;
    if (workload !== undefined)
      cleared.push(
        ...(await withRetries(async () => removeLeftovers(api, await workloadPods(api, workload), instance))),
      );
    return { cleared, findings: [] };
  } catch (error) {
    if (at === undefined) throw error;
    const findings = await refusalOf(error, at, api);
    return { cleared, findings: findings.map((finding) => ({ ...finding, severity: "warning" })) };
  }
}

function workloadOf({ objects }: Pick<Running, "objects">): KubernetesObject | undefined {
  return objects.find(isWorkload);
}

/** What was expected and compared came true; what could not be seen is said elsewhere. */
function isAsExpected({ results }: Verified): boolean {
  return results.every(({ verdict }) => verdict !== "failed");
}

/**
 * New pods from the same template, as `kubectl rollout restart` makes them: by an annotation, which belongs to another field
 * manager so that the next apply does not take it away.
 */
async function restart(api: ClusterApi, workload: KubernetesObject): Promise<void> {
  const annotations = { "portico/restarted-at": new Date().toISOString() };
  await withRetries(() =>
    api.ask("PATCH", objectPath(workload), {
      query: { fieldManager: "portico-restart" },
      contentType: "application/strategic-merge-patch+json",
      body: { spec: { template: { metadata: { annotations } } } },
    }),
  );
}

async function namespaceExists(api: ClusterApi, namespace: string): Promise<boolean> {
  try {
    await api.get(`/api/v1/namespaces/${encodeURIComponent(namespace)}`);
    return true;
  } catch (error) {
    if (failedWith(error, 404)) return false;
    // Who may not look finds out by the dry run.
    if (failedWith(error, 403)) return true;
    throw error;
  }
}

function lostLease(): Finding {
  return {
    code: "deploy-in-progress",
    severity: "error",
    what: "another deploy of this edge has begun meanwhile",
    why: "The cluster did not hear from this one for longer than its Lease lasts.",
    remedy: "Wait for the other to end, and see `portico status`.",
    at: [],
  };
}
