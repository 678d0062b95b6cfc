// What changes for requests when the rendered edge replaces the one in the cluster; or why that is unknown.
import type { Behaviour } from "../cluster/behaviour.ts";
import type { Cluster } from "../cluster/connect.ts";
import type { Rendered } from "../cluster/rendered.ts";
import type { Plan } from "../plan/plan.ts";
import type { CommandContext } from "./command.ts";

export type BehaviourResult =
  | { readonly behaviour: Behaviour }
  /** No request was sent. */
  | { readonly behaviour: undefined; readonly why: string };

/** Rejects with ClusterFailure. */
export async function behaviourOf(
  context: CommandContext,
  plan: Plan,
  { api }: Cluster,
  { objects }: Rendered,
  path: string | undefined,
  options: { readonly trust?: boolean } = {},
): Promise<BehaviourResult> {
  const { findHaproxy } = await import("../haproxy/find.ts");
  const { liveObjects } = await import("../cluster/deployed-wiring.ts");
  const { compareBehaviour } = await import("../cluster/behaviour.ts");
  const found = await findHaproxy({ env: context.env, path });
  if (found.value === undefined)
    return { behaviour: undefined, why: found.findings[0]?.what ?? "no HAProxy is installed here" };
  const live = await liveObjects(api, plan, objects);
  try {
    return { behaviour: await compareBehaviour(plan, { live, rendered: objects }, found.value, options) };
  } catch (error) {
    // The new configuration may need another HAProxy than the one on this machine.
    if (!(error instanceof Error && error.name === "HaproxyFailure")) throw error;
    return { behaviour: undefined, why: error.message.split("\n")[0] ?? "" };
  }
}
