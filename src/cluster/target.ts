// A running edge as a target: its doors in the cluster of the kubeconfig, with what we may do there.
import type { Outcome } from "../findings/finding.ts";
import type { Plan } from "../plan/plan.ts";
import { type ConnectOptions, connectCluster } from "./connect.ts";
import { type ClusterEndpoints, openEndpoints } from "./endpoints.ts";
import type { KubernetesObject } from "./objects.ts";
import { podState } from "./pods.ts";
import { checkRights } from "./rights.ts";
import { workloadPods } from "./workload.ts";

export interface ClusterTargetOptions extends ConnectOptions {
  /** Addresses to use instead of the nodes' own. */
  readonly nodes?: readonly string[];
}

/** Close the doors when done. Rejects with ClusterFailure for what the cluster says no to. */
export async function openClusterEndpoints(
  plan: Plan,
  { nodes, ...connecting }: ClusterTargetOptions,
): Promise<Outcome<ClusterEndpoints>> {
  const connected = await connectCluster(connecting);
  if (connected.value === undefined) return connected;
  const { api } = connected.value;
  const workload: KubernetesObject = {
    apiVersion: "apps/v1",
    kind: plan.kubernetes.workload.value,
    metadata: { name: plan.kubernetes.names.edge, namespace: plan.namespace },
  };
  if ((await api.find(workload)) === undefined)
    return {
      findings: [
        {
          code: "edge-not-deployed",
          severity: "error",
          what: `there is no ${workload.kind} ${plan.namespace}/${workload.metadata.name} in the context \`${api.context}\``,
          why: "Nobody there could be asked.",
          remedy: "Run `portico deploy`, or name another `--context`.",
          at: [],
        },
      ],
    };
  const [rights, { current, older }] = await Promise.all([
    checkRights(api, plan.namespace, []),
    workloadPods(api, workload),
  ]);
  // Whatever version: these are the ones that answer.
  const pods = [...current, ...older].filter((pod) => podState(pod, []).ready);
  return openEndpoints(api, plan, { pods, ...rights, ...(nodes === undefined ? {} : { nodes }) });
}
