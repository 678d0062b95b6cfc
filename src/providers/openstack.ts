// OpenStack (Octavia), and OVHcloud, whose Kubernetes has the same controller with limits of its own.
import { CONNECTION, flag, idleSeconds, LOCAL_PODS, ownsByPrefix, proxyForAll, USUAL } from "./forms.ts";
import type { Annotation, Provider } from "./provider.ts";

const PREFIX = "loadbalancer.openstack.org/";
const OVH = "loadbalancer.ovhcloud.com/";
const INTERNAL = "service.beta.kubernetes.io/openstack-internal-load-balancer";

const documents = {
  "openstack-cloud-controller-manager, Exposing applications using services of LoadBalancer type":
    "https://github.com/kubernetes/cloud-provider-openstack/blob/master/docs/openstack-cloud-controller-manager/expose-applications-using-loadbalancer-type-service.md",
  "openstack-cloud-controller-manager, pkg/openstack/loadbalancer.go":
    "https://github.com/kubernetes/cloud-provider-openstack/blob/master/pkg/openstack/loadbalancer.go",
};

const monitor: Annotation = {
  name: `${PREFIX}enable-health-monitor`,
  value: "true",
  because: "off by default: connections would also go to failed nodes",
};

export const openstack: Provider = {
  ...USUAL,
  name: "openstack",
  title: "OpenStack",
  makes: "an Octavia load balancer",
  documents,
  owns: (service) => ownsByPrefix(PREFIX, INTERNAL)(service) && !ownsByPrefix(OVH)(service),
  always: () => [monitor],
  proxy: {
    versions: ["v2", "v1"],
    ...proxyForAll(`${PREFIX}proxy-protocol`, { v1: ["v1", "true"], v2: ["v2"] }),
  },
  keepsClientAddress: undefined,
  readKeeps: () => ({ value: false }),
  tlsNote: "`default-tls-container-ref` applies to all ports, including plain HTTP",
  healthCheck: { Cluster: CONNECTION, Local: LOCAL_PODS },
  httpAnnotations: [
    [/\/x-forwarded-for$/, /^true$/],
    [/\/default-tls-container-ref$/, /./],
  ],
  healthCheckAnnotations: /\/health-monitor-/,
  idleTimeout: idleSeconds([`${PREFIX}timeout-client-data`, `${PREFIX}timeout-member-data`], 50, {
    unitS: 0.001,
  }),
  internal: flag(INTERNAL, "no floating IP"),
  sourceRanges: true,
  fromInside: `The controller configures Kubernetes 1.30 and newer not to bypass a load balancer with PROXY protocol. On older versions, pods that connect to its address send no PROXY header; set \`${PREFIX}hostname\`.`,
  notes: [
    "`loadBalancerSourceRanges` requires Octavia API version 2.12 or newer; otherwise it is ignored.",
    "The provider `ovn` has neither the PROXY protocol nor these timeouts.",
    "The interval of health checks is in the configuration of the controller.",
  ],
};

export const ovh: Provider = {
  ...openstack,
  name: "ovh",
  title: "OVHcloud",
  makes: "a Public Cloud Load Balancer (Octavia)",
  documents: {
    "OVHcloud, Expose your applications using OVHcloud Public Cloud Load Balancer":
      "https://github.com/ovh/docs/blob/develop/pages/public_cloud/containers_orchestration/managed_kubernetes/expose_your_applications_using_a_load_balancer/guide.en-gb.md",
    ...documents,
  },
  owns: ownsByPrefix(OVH),
  always: () => [
    {
      name: `${OVH}class`,
      value: "octavia",
      because: "Public Cloud Load Balancer; not the default before Kubernetes 1.31",
    },
    monitor,
  ],
  proxy: {
    versions: ["v1"],
    ...proxyForAll(`${PREFIX}proxy-protocol`, { v1: ["true", "v1"], v2: ["v2"] }),
  },
  tlsNote: "its documentation says that it cannot terminate TLS",
  healthCheck: {
    Cluster: { ...CONNECTION, intervalS: 5, timeoutS: 3 },
    Local: { ...LOCAL_PODS, intervalS: 5, timeoutS: 3 },
  },
  sourceRanges: undefined,
  notes: ['Its documentation lists only `proxy-protocol: "true"`, which is version 1.'],
};
