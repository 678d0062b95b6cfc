// A deploy: surveys what it would do, does it, and rolls back when the edge does not become ready or fails verification.
import type { Finding } from "../findings/finding.ts";
import type { Plan } from "../plan/plan.ts";
import type { ClusterApi } from "./api.ts";
import { applyChanges, type Rollback, rollBack, type Written, withRetries } from "./apply.ts";
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
  /** Take over fields from their owners. */
  readonly force: boolean;
}

export interface Survey extends Changes {
  readonly rights: Rights;
}

/** What would change, and what prevents it; writes nothing. Rejects with ClusterFailure. */
export async function surveyDeploy(api: ClusterApi, wish: DeployRequest): Promise<Survey> {
  const { plan, objects, force } = wish;
  const { namespace } = plan;
  const [found, rights] = await Promise.all([
    namespaceExists(api, namespace),
    checkRights(api, namespace, objects),
  ]);
  const obstacles = [...(found ? [] : [missingNamespace(namespace)]), ...rights.findings];
  if (obstacles.some(({ severity }) => severity === "error"))
    return { rights, changes: [], findings: obstacles };
  const instance = plan.kubernetes.names.edge;
  const [compared, services, sources] = await Promise.all([
    compareWithCluster(api, objects, { namespace, instance, force }),
    checkBackendServices(api, plan),
    checkNodeSources(api, plan),
  ]);
  return {
    rights,
    changes: compared.changes,
    findings: [...obstacles, ...compared.findings, ...services, ...sources],
  };
}

export interface DeployOptions {
  /** `jane@laptop (pid 4711)`. */
  readonly holder: string;
  readonly force: boolean;
  readonly rollback: boolean;
  /** How long pods may take to become ready. */
  readonly timeoutMs: number;
  readonly nodes?: readonly string[];
  readonly sendWrites: boolean;
}

export type DeployEvent =
  | { readonly stage: "applying"; readonly changes: number }
  | { readonly stage: "rolling-out"; readonly state: RolloutState }
  | { readonly stage: "verifying"; readonly tested: number; readonly of: number }
  | { readonly stage: "rolling-back" }
  | { readonly stage: "waiting-for-the-previous"; readonly state: RolloutState };

export interface DeployOutcome {
  /**
   * `done`: it serves, and passes verification. `refused`: nothing was changed. `unverified`: it serves, but was not verified.
   * `rolled-back`: the former state was restored. `left`: it is left in its failed state.
   */
  readonly state: "done" | "refused" | "unverified" | "rolled-back" | "left";
  /** Why it is not done; if it is done, what could not be cleaned up. */
  readonly findings: readonly Finding[];
  readonly verified: Verified | undefined;
  readonly rolledBack: Rollback | undefined;
  /** Names of deleted objects that nothing needs any more. */
  readonly cleared: readonly string[];
  /** The holder of an expired lease: their deploy was interrupted. */
  readonly takenOverFrom: string | undefined;
}

export interface DeployRun extends Written {
  stage: "before" | "applying" | "rolling out" | "verifying" | "rolling back" | "after";
  release: () => Promise<void>;
}

export function beginRun(): DeployRun {
  return { applied: [], inFlight: undefined, stage: "before", release: async () => undefined };
}

/** Rejects with ClusterFailure only before anything was changed. */
export async function runDeploy(
  api: ClusterApi,
  { plan, objects, force }: DeployRequest,
  surveyed: Survey,
  options: DeployOptions,
  notify: (event: DeployEvent) => void,
  course: DeployRun = beginRun(),
): Promise<DeployOutcome> {
  const { namespace } = plan;
  const instance = plan.kubernetes.names.edge;
  const lease = await takeLease(api, { namespace, instance, holder: options.holder });
  if (lease.value === undefined) return outcome({ state: "refused", findings: lease.findings });
  course.release = lease.value.release;
  const takenOverFrom = lease.value.leftBy;
  try {
    // Others may have deployed during the confirmation: the current state is compared and restored.
    const { changes, findings: refused } = await compareWithCluster(api, objects, {
      namespace,
      instance,
      force,
    });
    const obstacles = refused.filter(({ severity }) => severity === "error");
    if (obstacles.length > 0) return outcome({ state: "refused", findings: obstacles, takenOverFrom });
    const survey = { ...surveyed, changes };
    const deploy: Running = { api, plan, objects, survey, options, notify, course, lost: lease.value.lost };
    const findings = await applyAndWait(deploy);
    const { verified, unreached, unseen } = findings.length === 0 ? await verify(deploy) : NOT_VERIFIED;
    const failed = [...findings, ...unreached];
    if (failed.length > 0 || (verified !== undefined && !isAsExpected(verified)))
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
  readonly notify: (event: DeployEvent) => void;
  readonly course: DeployRun;
  readonly lost: AbortSignal;
}

function outcome(known: Partial<DeployOutcome> & Pick<DeployOutcome, "state">): DeployOutcome {
  return {
    findings: [],
    verified: undefined,
    rolledBack: undefined,
    cleared: [],
    takenOverFrom: undefined,
    ...known,
  };
}

async function applyAndWait(deploy: Running): Promise<readonly Finding[]> {
  const { api, survey, options, notify, course, lost } = deploy;
  const writes = survey.changes.filter(({ change }) => change !== "unchanged" && change !== "removed");
  course.stage = "applying";
  notify({ stage: "applying", changes: writes.length });
  const findings = await applyChanges(api, survey.changes, options, course);
  if (findings.length > 0) return findings;
  const workload = workloadOf(deploy);
  if (workload === undefined) return [];
  try {
    if (writes.some(({ change }) => change === "replaced")) await restart(api, workload);
    course.stage = "rolling out";
    return await awaitRollout(api, workload, { timeoutMs: options.timeoutMs, signal: lost }, (state) =>
      notify({ stage: "rolling-out", state }),
    );
  } catch (error) {
    return lost.aborted ? [lostLease()] : refusalOf(error, workload, api);
  }
}

interface Verification {
  readonly verified: Verified | undefined;
  readonly unreached: readonly Finding[];
  /** Why nothing was visible from here; not the edge's fault. */
  readonly unseen: readonly Finding[];
}

const NOT_VERIFIED: Verification = { verified: undefined, unreached: [], unseen: [] };

async function verify(deploy: Running): Promise<Verification> {
  const { api, plan, survey, options, notify, course } = deploy;
  const workload = workloadOf(deploy);
  if (workload === undefined) return NOT_VERIFIED;
  course.stage = "verifying";
  const of = plan.expectations.length;
  notify({ stage: "verifying", tested: 0, of });
  const verification = () =>
    verifyEdge(
      api,
      plan,
      workload,
      {
        rights: survey.rights,
        sendWrites: options.sendWrites,
        settleMs: plan.health.nameResolutionS.value * 1000,
        ...(options.nodes === undefined ? {} : { nodes: options.nodes }),
      },
      (tested) => notify({ stage: "verifying", tested, of }),
    );
  try {
    const { value: verified, findings } = await withRetries(verification);
    const nothing = verified === undefined ? undefined : nothingVerified(verified.results, { applied: true });
    return { verified, unreached: [], unseen: nothing === undefined ? findings : [nothing] };
  } catch (error) {
    return { verified: undefined, unreached: await refusalOf(error, workload, api), unseen: [] };
  }
}

/** To the former state; a first deploy removes what it created. Then the former pods must serve again. */
async function goBack(
  { api, options, notify, course, lost }: Running,
  findings: readonly Finding[],
): Promise<Pick<DeployOutcome, "state" | "findings" | "rolledBack">> {
  // Another deploy has started, and continues from here.
  if (!options.rollback || lost.aborted) return { state: "left", findings, rolledBack: undefined };
  course.stage = "rolling back";
  notify({ stage: "rolling-back" });
  const rolledBack = await rollBack(api, course.applied);
  const former = course.applied.find(({ object, before }) => isWorkload(object) && before !== undefined);
  const more =
    former === undefined || rolledBack.left.length > 0
      ? []
      : await waitForPrevious(api, former.object, options, notify);
  return {
    state: rolledBack.left.length === 0 ? "rolled-back" : "left",
    findings: [...findings, ...more],
    rolledBack,
  };
}

async function waitForPrevious(
  api: ClusterApi,
  workload: KubernetesObject,
  { timeoutMs }: DeployOptions,
  notify: (event: DeployEvent) => void,
): Promise<readonly Finding[]> {
  try {
    return await awaitRollout(api, workload, { timeoutMs }, (state) =>
      notify({ stage: "waiting-for-the-previous", state }),
    );
  } catch (error) {
    return refusalOf(error, workload, api);
  }
}

/** Removes objects of earlier renderings. The edge serves already: failures are reported, and left to the next deploy. */
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

/** Everything that was compared is as expected; what was not visible is reported elsewhere. */
function isAsExpected({ results }: Verified): boolean {
  return results.every(({ verdict }) => verdict !== "failed");
}

/**
 * New pods from the same template, as `kubectl rollout restart` makes them: by an annotation of another field manager, which the
 * next apply does not remove.
 */
async function restart(api: ClusterApi, workload: KubernetesObject): Promise<void> {
  const annotations = { "portico/restarted-at": new Date().toISOString() };
  await withRetries(() =>
    api.request("PATCH", objectPath(workload), {
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
    // Without the permission to look, the dry run decides.
    if (failedWith(error, 403)) return true;
    throw error;
  }
}

function lostLease(): Finding {
  return {
    code: "deploy-in-progress",
    severity: "error",
    what: "another deploy of this edge has started meanwhile",
    why: "This deploy did not reach the cluster for longer than its Lease lasts.",
    remedy: "Wait for the other deploy to end, then run `portico status`.",
    at: [],
  };
}
