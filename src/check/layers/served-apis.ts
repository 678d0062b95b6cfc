// The API versions in which Kubernetes serves the kinds of an edge (Kubernetes API reference, 1.34).

const SERVED: Readonly<Record<string, readonly string[]>> = {
  ConfigMap: ["v1"],
  Endpoints: ["v1"],
  Namespace: ["v1"],
  Pod: ["v1"],
  Secret: ["v1"],
  Service: ["v1"],
  ServiceAccount: ["v1"],
  DaemonSet: ["apps/v1"],
  Deployment: ["apps/v1"],
  ReplicaSet: ["apps/v1"],
  StatefulSet: ["apps/v1"],
  CronJob: ["batch/v1"],
  Job: ["batch/v1"],
  PodDisruptionBudget: ["policy/v1"],
  HorizontalPodAutoscaler: ["autoscaling/v2", "autoscaling/v1"],
  Ingress: ["networking.k8s.io/v1"],
  IngressClass: ["networking.k8s.io/v1"],
  NetworkPolicy: ["networking.k8s.io/v1"],
  EndpointSlice: ["discovery.k8s.io/v1"],
  ClusterRole: ["rbac.authorization.k8s.io/v1"],
  ClusterRoleBinding: ["rbac.authorization.k8s.io/v1"],
  Role: ["rbac.authorization.k8s.io/v1"],
  RoleBinding: ["rbac.authorization.k8s.io/v1"],
};

const GROUPS: ReadonlySet<string> = new Set(["extensions", ...Object.values(SERVED).flat().map(groupOf)]);

/** The version to write instead; undefined: it is served, or the kind is another API's, such as Knative's `Service`. */
export function servedApi(apiVersion: string, kind: string): string | undefined {
  const served = Object.hasOwn(SERVED, kind) ? SERVED[kind] : undefined;
  return served === undefined || served.includes(apiVersion) || !GROUPS.has(groupOf(apiVersion))
    ? undefined
    : served[0];
}

/** Empty: the core group. */
function groupOf(apiVersion: string): string {
  return apiVersion.includes("/") ? (apiVersion.split("/")[0] ?? "") : "";
}
