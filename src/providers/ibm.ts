// IBM Cloud Kubernetes Service: an application load balancer for VPC, which terminates connections and sends the client address by the PROXY protocol.
import {
  CONNECTION,
  fixedIdle,
  LOCAL_PODS,
  notUnderstood,
  ownsByPrefix,
  PROXY_REASON,
  USUAL,
} from "./forms.ts";
import type { Annotations, Provider } from "./provider.ts";

const PREFIX = "service.kubernetes.io/ibm-load-balancer-cloud-provider-";
const FEATURES = `${PREFIX}enable-features`;
const CHECK = { intervalS: 5, timeoutS: 2, unhealthy: 2 };

export const ibm: Provider = {
  ...USUAL,
  name: "ibm",
  title: "IBM Cloud",
  makes: "an Application Load Balancer for VPC",
  documents: {
    "IBM Cloud, Exposing apps with load balancers for VPC":
      "https://cloud.ibm.com/docs/containers?topic=containers-vpc-lbaas",
    "IBM, Know your real clients: use PROXY protocol on IBM Cloud Kubernetes Service":
      "https://www.ibm.com/blog/know-your-real-clients-use-proxy-protocol-on-ibm-cloud-kubernetes-service/",
    "cloud-provider-vpc-controller, pkg/vpcctl/vpc_sdk_gen2.go (genLoadBalancerHealthMonitor)":
      "https://github.com/openshift/cloud-provider-vpc-controller/blob/main/pkg/vpcctl/vpc_sdk_gen2.go",
  },
  owns: ownsByPrefix(PREFIX),
  always: ({ internal }) => [
    {
      name: `${PREFIX}ip-type`,
      value: internal ? "private" : "public",
      because: internal ? "not reachable from the internet" : "reachable from the internet",
    },
  ],
  proxy: {
    versions: [],
    perPort: false,
    write: (ports) =>
      ports.some(({ proxy }) => proxy !== "none")
        ? [{ name: FEATURES, value: "proxy-protocol", because: PROXY_REASON }]
        : [],
    read: ({ annotations }) =>
      features(annotations).includes("proxy-protocol")
        ? { unknown: "IBM does not document the version of the PROXY protocol", by: FEATURES }
        : { value: "none", by: annotations[FEATURES] === undefined ? undefined : FEATURES },
  },
  keepsClientAddress: undefined,
  readKeeps: (annotations) =>
    features(annotations).includes("nlb") ? { value: true, by: FEATURES } : { value: false },
  tlsNote: "no annotation for a certificate is documented",
  healthCheck: {
    Cluster: { ...CONNECTION, ...CHECK },
    Local: { ...LOCAL_PODS, ...CHECK, path: "/" },
  },
  healthCheckAnnotations: /-health-check-/,
  idleTimeout: fixedIdle(),
  internal: {
    write: [],
    read: (annotations) => {
      const name = `${PREFIX}ip-type`;
      const value = annotations[name];
      if (value === undefined) return { value: false };
      return value === "public" || value === "private"
        ? { value: value === "private", by: name }
        : notUnderstood(name, value);
    },
  },
  notes: [
    "The PROXY protocol must be enabled when the load balancer is created, and applies to all ports or to none.",
    "IBM does not document the version of the PROXY protocol; HAProxy accepts both.",
    "The idle timeout of a load balancer that is created for a Service is not documented.",
  ],
};

function features(annotations: Annotations): readonly string[] {
  return (annotations[FEATURES] ?? "").split(",").map((word) => word.trim());
}
