// Google Kubernetes Engine: a passthrough Network Load Balancer.
import { KUBE_PROXY, LOCAL_PODS, notUnderstood, ownsByPrefix, USUAL } from "./forms.ts";
import type { Provider } from "./provider.ts";

const TYPE = "networking.gke.io/load-balancer-type";
/** Its name before GKE 1.17. */
const OLD_TYPE = "cloud.google.com/load-balancer-type";

export const google: Provider = {
  ...USUAL,
  name: "google",
  title: "Google (GKE)",
  makes: "a passthrough Network Load Balancer",
  documents: {
    "GKE, LoadBalancer Service parameters":
      "https://docs.cloud.google.com/kubernetes-engine/docs/concepts/service-load-balancer-parameters",
    "GKE, About LoadBalancer Services":
      "https://docs.cloud.google.com/kubernetes-engine/docs/concepts/service-load-balancer",
    "Google Cloud, Backend service-based external passthrough Network Load Balancer overview":
      "https://docs.cloud.google.com/load-balancing/docs/network/networklb-backend-service",
    "cloud-provider-gcp, providers/gce/gce_loadbalancer_external.go":
      "https://github.com/kubernetes/cloud-provider-gcp/blob/master/providers/gce/gce_loadbalancer_external.go",
  },
  owns: (service) =>
    ownsByPrefix("networking.gke.io/", "cloud.google.com/")(service) ||
    service.loadBalancerClass?.startsWith("networking.gke.io/") === true,
  always: ({ internal }) =>
    internal
      ? []
      : [
          {
            name: "cloud.google.com/l4-rbs",
            value: "enabled",
            because: "a backend service, which Google recommends over target pools",
          },
        ],
  keepsClientAddress: "Local",
  readKeeps: () => ({ value: true }),
  tlsNote: "it forwards packets and cannot terminate TLS",
  healthCheck: { Cluster: KUBE_PROXY, Local: LOCAL_PODS },
  internal: {
    write: [{ name: TYPE, value: "Internal", because: "not reachable from the internet" }],
    read: (annotations) => {
      const name = annotations[TYPE] === undefined ? OLD_TYPE : TYPE;
      const value = annotations[name];
      if (value === undefined) return { value: false };
      return /^(internal|external)$/i.test(value)
        ? { value: value.toLowerCase() === "internal", by: name }
        : notUnderstood(name, value);
    },
  },
  sourceRanges: true,
  notes: [
    "`cloud.google.com/l4-rbs` takes effect when the Service is created, and requires GKE 1.25.5 or newer.",
  ],
};
