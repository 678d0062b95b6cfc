// The model's word held against a real HAProxy: probes are played, and what it answers otherwise is told.
import type { EmittedFile } from "../emit/file.ts";
import type { Haproxy } from "../haproxy/find.ts";
import { disagreements } from "../lab/agreement.ts";
import type { Difference } from "../lab/expectation.ts";
import { type Lab, openLabOf } from "../lab/lab.ts";
import type { LabRequestOptions } from "../lab/send.ts";
import type { Plan } from "../plan/plan.ts";
import { openAsker, type PlanAsker } from "./ask-plan.ts";
import type { Probe } from "./probe.ts";

export interface Disagreement {
  readonly probe: Probe;
  readonly differences: readonly Difference[];
}

/** How many requests are on their way at once. */
const AT_ONCE = 16;

/** Plays all on a real HAProxy with what the plan renders to. Rejects with HaproxyFailure. */
export async function playPlan(
  plan: Plan,
  probes: readonly Probe[],
  haproxy: Haproxy,
  files?: readonly EmittedFile[],
): Promise<readonly Disagreement[]> {
  const asker = openAsker(plan);
  const lab = await openLabOf(plan, { haproxy, ...(files === undefined ? {} : { files }) });
  try {
    const found: (Disagreement | null)[] = [];
    await inParallel(probes, async (probe, index) => {
      const differences = await play(lab, asker, probe);
      found[index] = differences.length === 0 ? null : { probe, differences };
    });
    return found.filter((one) => one !== null);
  } finally {
    await lab.close();
  }
}

/** Calls `use` for each, several at once. */
export async function inParallel<T>(
  all: readonly T[],
  use: (one: T, index: number) => Promise<void>,
): Promise<void> {
  const queue = all.entries();
  const worker = async () => {
    for (const [index, one] of queue) await use(one, index);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
}

export function requestOf({ method, headers, body, through, from }: Probe): LabRequestOptions {
  return { method, headers, body, through, ...(from === null ? {} : { from }) };
}

async function play(lab: Lab, asker: PlanAsker, probe: Probe): Promise<readonly Difference[]> {
  const answer = await lab.request(probe.url, requestOf(probe));
  const decision = asker.decide({ ...probe, from: answer.client });
  // No listener for the model must be no answer for HAProxy.
  if (decision !== null) return disagreements(decision, answer);
  return answer.refused === null
    ? [{ what: "connection", hop: "connection", expected: "no answer", got: String(answer.status) }]
    : [];
}
