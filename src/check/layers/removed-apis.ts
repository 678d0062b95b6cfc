// API versions that Kubernetes no longer serves: "Deprecated API Migration Guide" (Kubernetes, reference/using-api), up to 1.32.
export interface RemovedApi {
  /** The first release without it. */
  readonly since: string;
  /** undefined: the kind itself is gone. */
  readonly now?: string | undefined;
}

/** undefined: served, or not one of Kubernetes' own. */
export function removedApi(apiVersion: string, kind: string): RemovedApi | undefined {
  for (const [since, versions, kinds, now] of REMOVED)
    if (versions.includes(apiVersion) && (kinds.length === 0 || kinds.includes(kind))) return { since, now };
  return undefined;
}

/** Release, versions, kinds (none: all of the version), and their replacement. */
const REMOVED: readonly (readonly [string, readonly string[], readonly string[], string?])[] = [
  ["1.16", ["apps/v1beta1", "apps/v1beta2"], [], "apps/v1"],
  ["1.16", ["extensions/v1beta1"], ["DaemonSet", "Deployment", "ReplicaSet"], "apps/v1"],
  ["1.16", ["extensions/v1beta1"], ["NetworkPolicy"], "networking.k8s.io/v1"],
  ["1.16", ["extensions/v1beta1"], ["PodSecurityPolicy"]],
  ["1.22", ["extensions/v1beta1"], ["Ingress"], "networking.k8s.io/v1"],
  ["1.22", ["networking.k8s.io/v1beta1"], ["Ingress", "IngressClass"], "networking.k8s.io/v1"],
  [
    "1.22",
    ["admissionregistration.k8s.io/v1beta1"],
    ["MutatingWebhookConfiguration", "ValidatingWebhookConfiguration"],
    "admissionregistration.k8s.io/v1",
  ],
  ["1.22", ["apiextensions.k8s.io/v1beta1"], [], "apiextensions.k8s.io/v1"],
  ["1.22", ["apiregistration.k8s.io/v1beta1"], [], "apiregistration.k8s.io/v1"],
  ["1.22", ["certificates.k8s.io/v1beta1"], ["CertificateSigningRequest"], "certificates.k8s.io/v1"],
  ["1.22", ["coordination.k8s.io/v1beta1"], ["Lease"], "coordination.k8s.io/v1"],
  ["1.22", ["rbac.authorization.k8s.io/v1beta1"], [], "rbac.authorization.k8s.io/v1"],
  ["1.22", ["scheduling.k8s.io/v1beta1"], ["PriorityClass"], "scheduling.k8s.io/v1"],
  [
    "1.22",
    ["storage.k8s.io/v1beta1"],
    ["CSIDriver", "CSINode", "StorageClass", "VolumeAttachment"],
    "storage.k8s.io/v1",
  ],
  ["1.25", ["batch/v1beta1"], ["CronJob"], "batch/v1"],
  ["1.25", ["discovery.k8s.io/v1beta1"], [], "discovery.k8s.io/v1"],
  ["1.25", ["autoscaling/v2beta1"], [], "autoscaling/v2"],
  ["1.25", ["policy/v1beta1"], ["PodDisruptionBudget"], "policy/v1"],
  ["1.25", ["policy/v1beta1"], ["PodSecurityPolicy"]],
  ["1.25", ["events.k8s.io/v1beta1"], ["Event"], "events.k8s.io/v1"],
  ["1.25", ["node.k8s.io/v1beta1"], ["RuntimeClass"], "node.k8s.io/v1"],
  ["1.26", ["autoscaling/v2beta2"], [], "autoscaling/v2"],
  ["1.26", ["flowcontrol.apiserver.k8s.io/v1beta1"], [], "flowcontrol.apiserver.k8s.io/v1"],
  ["1.27", ["storage.k8s.io/v1beta1"], ["CSIStorageCapacity"], "storage.k8s.io/v1"],
  ["1.29", ["flowcontrol.apiserver.k8s.io/v1beta2"], [], "flowcontrol.apiserver.k8s.io/v1"],
  ["1.32", ["flowcontrol.apiserver.k8s.io/v1beta3"], [], "flowcontrol.apiserver.k8s.io/v1"],
];
