// What changes for requests when a configuration takes the place of the one in the cluster; or why that is not known.
import type { Behaviour } from "../cluster/behaviour.ts";
import type { Cluster } from "../cluster/connect.ts";
import type { Rendered } from "../cluster/rendered.ts";
import type { Workload } from "../cluster/workload.ts";
import type { Plan } from "../plan/plan.ts";
import type { CommandContext } from "./command.ts";

export interface BehaviourResult {
  /** undefined: nothing was played. */
  readonly behaviour: Behaviour | undefined;
  /** `first`: nothing runs yet; `same`: it is the same configuration; `unknown`: what runs now cannot be read. */
  readonly former: "first" | "same" | "unknown" | "compared";
  /** Why nothing was played. */
  readonly why: string;
}

export async function behaviourOf(
  context: CommandContext,
  plan: Plan,
  { api }: Cluster,
  { config, objects }: Rendered,
  path: string | undefined,
  options: { readonly trust?: boolean } = {},
): Promise<BehaviourResult> {
  const [{ findHaproxy }, { deployedConfig }, { isWorkload }, { compareBehaviour }] = await Promise.all([
    import("../haproxy/find.ts"),
    import("../cluster/deployed-config.ts"),
    import("../cluster/workload.ts"),
    import("../cluster/behaviour.ts"),
  ]);
  const workload = objects.find(isWorkload);
  const live = workload === undefined ? undefined : await api.find<Workload>(workload);
  const deployed = live === undefined ? undefined : await deployedConfig(api, live);
  const former = live === undefined ? "first" : deployed === undefined ? "unknown" : "compared";
  const found = await findHaproxy({ env: context.env, ...(path === undefined ? {} : { path }) });
  if (found.value === undefined)
    return { behaviour: undefined, former, why: found.findings[0]?.what ?? "there is no HAProxy here" };
  try {
    const behaviour = await compareBehaviour(plan, config, deployed, found.value, options);
    return {
      behaviour,
      former: former === "compared" && behaviour.before === null ? "same" : former,
      why: "",
    };
  } catch (error) {
    // What runs in the cluster may need another HAProxy than the one here.
    if (!(error instanceof Error && error.name === "HaproxyFailure")) throw error;
    return { behaviour: undefined, former, why: error.message.split("\n")[0] ?? "" };
  }
}
