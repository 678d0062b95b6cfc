// A running edge as a target: its endpoints in the cluster of the kubeconfig, as far as permissions allow.
import type { Outcome } from "../findings/finding.ts";
import type { Plan } from "../plan/plan.ts";
import { type ConnectOptions, connectCluster } from "./connect.ts";
import { type ClusterEndpoints, openEndpoints } from "./endpoints.ts";
import type { KubernetesObject } from "./objects.ts";
import { podState } from "./pods.ts";
import { checkRights } from "./rights.ts";
import { workloadPods } from "./workload.ts";

export interface ClusterTargetOptions extends ConnectOptions {
  readonly nodes?: readonly string[];
}

/** Close the endpoints when done. Rejects with ClusterFailure when the cluster refuses a request. */
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
          what: `the ${workload.kind} ${plan.namespace}/${workload.metadata.name} does not exist in the context \`${api.context}\``,
          why: "There is no edge to test.",
          remedy: "Run `portico deploy`, or name another `--context`.",
          at: [],
        },
      ],
    };
  const [rights, { current, older }] = await Promise.all([
    checkRights(api, plan.namespace, []),
    workloadPods(api, workload),
  ]);
  // Of any version: these are the ones that answer.
  const pods = [...current, ...older].filter((pod) => podState(pod, []).ready);
  return openEndpoints(api, plan, { pods, ...rights, ...(nodes === undefined ? {} : { nodes }) });
}
