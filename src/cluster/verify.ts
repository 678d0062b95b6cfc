// Whether the deployed edge does what is expected of it, asked through its own ports.
import { setTimeout as sleep } from "node:timers/promises";
import type { Outcome } from "../findings/finding.ts";
import { openTarget, type PlayedAtTarget, playAtTarget, type Target } from "../lab/target.ts";
import type { ExpectationPlan } from "../plan/expectation-plan.ts";
import type { Plan } from "../plan/plan.ts";
import type { ClusterApi } from "./api.ts";
import { openDoors } from "./doors.ts";
import type { KubernetesObject } from "./objects.ts";
import { podStand } from "./pods.ts";
import type { Rights } from "./rights.ts";
import { workloadPods } from "./workload.ts";

export interface VerifyOptions {
  readonly rights: Pick<Rights, "mayForward" | "mayReadLogs">;
  /** Addresses to use instead of the nodes' own. */
  readonly nodes?: readonly string[];
  readonly playWrites: boolean;
  /**
   * How long a failed expectation is played again: when pods have just changed, every node's kube-proxy hears of it by itself, and
   * nobody hears that it has.
   */
  readonly settleMs: number;
}

export interface Verified {
  /** `198.51.100.11:31000`: where it was asked. */
  readonly through: string;
  readonly played: readonly PlayedAtTarget[];
}

const AGAIN_MS = 1_000;
const CLEAN_ROUNDS = 3;

/** A finding when given addresses do not answer. Rejects with ClusterFailure where the cluster does not answer. */
export async function verifyEdge(
  api: ClusterApi,
  plan: Plan,
  workload: KubernetesObject,
  options: VerifyOptions,
  tell: (played: number) => void = () => {},
): Promise<Outcome<Verified>> {
  const { current } = await workloadPods(api, workload);
  const pods = current.filter((pod) => podStand(pod, []).ready);
  const opened = await openDoors(api, plan, {
    pods,
    ...options.rights,
    ...(options.nodes === undefined ? {} : { nodes: options.nodes }),
  });
  if (opened.value === undefined) return opened;
  const { doors, close } = opened.value;
  try {
    const target = await openTarget(plan, doors, { playWrites: options.playWrites });
    try {
      let count = 0;
      const first = await playAtTarget(target, plan.expectations, () => tell(++count));
      const played = await again(target, plan.expectations, first, options.settleMs);
      return { value: { through: doors.name, played }, findings: [] };
    } finally {
      await target.close();
    }
  } finally {
    await close();
  }
}

/**
 * Whole rounds, and after one that failed several clean ones in a row: what comes true every other time does not. The last round
 * counts; where there was no time for enough, the failed one.
 */
async function again(
  target: Target,
  expectations: readonly ExpectationPlan[],
  first: readonly PlayedAtTarget[],
  settleMs: number,
): Promise<readonly PlayedAtTarget[]> {
  const until = Date.now() + settleMs;
  if (!hasFailed(first)) return first;
  let failed = first;
  for (let clean = 0; Date.now() < until; ) {
    await sleep(AGAIN_MS);
    const round = await playAtTarget(target, expectations);
    if (hasFailed(round)) {
      failed = round;
      clean = 0;
    } else if (++clean === CLEAN_ROUNDS) return round;
  }
  return failed;
}

function hasFailed(played: readonly PlayedAtTarget[]): boolean {
  return played.some(({ verdict }) => verdict === "failed");
}
