// Oracle Container Engine: an OCI Load Balancer, which terminates connections and sends the client address by the PROXY protocol.
import {
  certificateAndPorts,
  flag,
  idleSeconds,
  KUBE_PROXY,
  LOCAL_PODS,
  ownsByPrefix,
  proxyForAll,
  USUAL,
} from "./forms.ts";
import type { Annotations, Provider } from "./provider.ts";

const PREFIX = "service.beta.kubernetes.io/oci-load-balancer-";
const NETWORK = "oci-network-load-balancer.oraclecloud.com/";
const TYPE = "oci.oraclecloud.com/load-balancer-type";
const CHECK = { intervalS: 10, timeoutS: 3, unhealthy: 3 };

const proxy = proxyForAll(`${PREFIX}connection-proxy-protocol-version`, { v2: ["2"], v1: ["1"] }, []);
const networkProxy = proxyForAll(`${NETWORK}is-ppv2-enabled`, { v2: ["true"] });
const idle = idleSeconds([`${PREFIX}connection-idle-timeout`], 300);
const internal = flag(`${PREFIX}internal`, "not reachable from the internet");

export const oracle: Provider = {
  ...USUAL,
  name: "oracle",
  title: "Oracle (OKE)",
  makes: "an OCI Load Balancer",
  documents: {
    "oci-cloud-controller-manager, Load Balancer Annotations":
      "https://github.com/oracle/oci-cloud-controller-manager/blob/master/docs/load-balancer-annotations.md",
    "oci-cloud-controller-manager, pkg/cloudprovider/providers/oci/load_balancer_spec.go":
      "https://github.com/oracle/oci-cloud-controller-manager/blob/master/pkg/cloudprovider/providers/oci/load_balancer_spec.go",
    "Oracle, Summary of Annotations for Load Balancers and Network Load Balancers":
      "https://docs.oracle.com/en-us/iaas/Content/ContEng/Tasks/contengcreatingloadbalancer_topic-Summaryofannotations.htm",
  },
  owns: ownsByPrefix("service.beta.kubernetes.io/oci-", "oci.oraclecloud.com/", NETWORK),
  always: () => [
    { name: TYPE, value: "lb", because: "the type that terminates connections and sends PROXY headers" },
  ],
  proxy: {
    versions: ["v2", "v1"],
    ...proxy,
    read: (service, port) => (isNetwork(service.annotations) ? networkProxy : proxy).read(service, port),
  },
  keepsClientAddress: undefined,
  readKeeps: (annotations) =>
    isNetwork(annotations)
      ? {
          value: annotations[`${NETWORK}is-preserve-source`] !== "false",
          by:
            annotations[`${NETWORK}is-preserve-source`] === undefined ? TYPE : `${NETWORK}is-preserve-source`,
        }
      : { value: false },
  tls: certificateAndPorts(
    "the name of a Secret of type kubernetes.io/tls",
    { certificate: `${PREFIX}tls-secret`, ports: `${PREFIX}ssl-ports` },
    false,
  ),
  healthCheck: {
    Cluster: { ...KUBE_PROXY, ...CHECK, healthy: undefined },
    Local: { ...LOCAL_PODS, ...CHECK },
  },
  httpAnnotations: [[/\/oci-load-balancer-backend-protocol$/, /^HTTP/i]],
  healthCheckAnnotations: /health-check-/,
  idleTimeout: {
    ...idle,
    read: (annotations) =>
      isNetwork(annotations)
        ? { unknown: "the idle timeout of a network load balancer is not documented", by: TYPE }
        : idle.read(annotations),
  },
  internal: {
    ...internal,
    read: (annotations) =>
      (isNetwork(annotations) ? flag(`${NETWORK}internal`, "") : internal).read(annotations),
  },
  sourceRanges: true,
  notes: [
    "The PROXY protocol applies to all ports of the Service or to none.",
    "`oci.oraclecloud.com/ingress-ip-mode: proxy` (in `annotations`) prevents pods that connect to the address of the load balancer from bypassing it.",
  ],
};

/** `nlb`: a network load balancer, which forwards packets. */
function isNetwork(annotations: Annotations): boolean {
  return annotations[TYPE] === "nlb";
}
