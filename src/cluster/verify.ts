// Verifies the deployed edge: runs the expectations through its own ports.
import { setTimeout as sleep } from "node:timers/promises";
import type { Outcome } from "../findings/finding.ts";
import { openTarget, runAtTarget, type Target, type TargetResult } from "../lab/target.ts";
import type { ExpectationPlan } from "../plan/expectation-plan.ts";
import type { Plan } from "../plan/plan.ts";
import type { ClusterApi } from "./api.ts";
import { openEndpoints } from "./endpoints.ts";
import type { KubernetesObject } from "./objects.ts";
import { podState } from "./pods.ts";
import type { Rights } from "./rights.ts";
import { workloadPods } from "./workload.ts";

export interface VerifyOptions {
  readonly rights: Pick<Rights, "mayForward" | "mayReadLogs">;
  readonly nodes?: readonly string[];
  readonly sendWrites: boolean;
  /**
   * How long failed expectations are repeated: after pods have changed, every node's kube-proxy updates by itself, with no
   * signal when all are done.
   */
  readonly settleMs: number;
}

export interface Verified {
  /** The tested endpoint: `198.51.100.11:31000`. */
  readonly through: string;
  readonly results: readonly TargetResult[];
}

const AGAIN_MS = 1_000;
const CLEAN_ROUNDS = 3;

/** A finding when given addresses do not answer. Rejects with ClusterFailure where the cluster does not answer. */
export async function verifyEdge(
  api: ClusterApi,
  plan: Plan,
  workload: KubernetesObject,
  options: VerifyOptions,
  notify: (tested: number) => void = () => {},
): Promise<Outcome<Verified>> {
  const { current } = await workloadPods(api, workload);
  const pods = current.filter((pod) => podState(pod, []).ready);
  const opened = await openEndpoints(api, plan, {
    pods,
    ...options.rights,
    ...(options.nodes === undefined ? {} : { nodes: options.nodes }),
  });
  if (opened.value === undefined) return opened;
  const { endpoints, close } = opened.value;
  try {
    const target = await openTarget(plan, endpoints, { sendWrites: options.sendWrites });
    try {
      let count = 0;
      const first = await runAtTarget(target, plan.expectations, () => notify(++count));
      const results = await again(target, plan.expectations, first, options.settleMs);
      return { value: { through: endpoints.name, results }, findings: [] };
    } finally {
      await target.close();
    }
  } finally {
    await close();
  }
}

/**
 * Repeats whole rounds, and after a failed one several clean ones in a row: an intermittent success is not enough. The last round
 * counts; where the time is too short, the failed one.
 */
async function again(
  target: Target,
  expectations: readonly ExpectationPlan[],
  first: readonly TargetResult[],
  settleMs: number,
): Promise<readonly TargetResult[]> {
  const until = Date.now() + settleMs;
  if (!hasFailed(first)) return first;
  let failed = first;
  for (let clean = 0; Date.now() < until; ) {
    await sleep(AGAIN_MS);
    const round = await runAtTarget(target, expectations);
    if (hasFailed(round)) {
      failed = round;
      clean = 0;
    } else if (++clean === CLEAN_ROUNDS) return round;
  }
  return failed;
}

function hasFailed(results: readonly TargetResult[]): boolean {
  return results.some(({ verdict }) => verdict === "failed");
}
