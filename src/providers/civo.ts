// Civo: a load balancer that ends connections and says by PROXY whose they were.
import { idleSeconds, ownsByPrefix, proxyForAll, TO_SERVICE } from "./forms.ts";
import type { Provider } from "./provider.ts";

const PREFIX = "kubernetes.civo.com/";

export const civo: Provider = {
  name: "civo",
  title: "Civo",
  makes: "a Civo load balancer",
  documents: [
    {
      title: "civo-cloud-controller-manager, Load Balancer Customisation",
      url: "https://github.com/civo/civo-cloud-controller-manager#load-balancer-customisation",
    },
    {
      title: "civo-cloud-controller-manager, cloud-controller-manager/civo/loadbalancer.go",
      url: "https://github.com/civo/civo-cloud-controller-manager/blob/master/cloud-controller-manager/civo/loadbalancer.go",
    },
  ],
  owns: ownsByPrefix(PREFIX),
  always: () => [],
  proxy: {
    versions: ["v2", "v1"],
    ...proxyForAll(
      `${PREFIX}loadbalancer-enable-proxy-protocol`,
      { v1: ["send-proxy"], v2: ["send-proxy-v2"] },
      [],
    ),
  },
  keepsClientAddress: null,
  readKeeps: () => ({ unknown: "Civo does not document whose address arrives", by: null }),
  tls: null,
  tlsNote: "no annotation for a certificate is documented",
  // The controller passes spec.healthCheckNodePort on; what is asked there, and what without one, is not said.
  healthCheck: { Cluster: null, Local: null },
  httpAnnotations: [[/^kubernetes\.civo\.com\/protocol$/, /^http$/]],
  healthCheckAnnotations: null,
  idleTimeout: idleSeconds([`${PREFIX}client-timeout`, `${PREFIX}server-timeout`], 60, { suffix: "s" }),
  internal: null,
  sourceRanges: null,
  fromInside:
    "With PROXY the controller writes no address into the Service's status, only a name: pods that use it go through the load balancer.",
  notes: [
    "PROXY is for all ports of the Service or for none.",
    "Who may come is for a Civo firewall to say (`kubernetes.civo.com/firewall-id`, in `annotations`).",
  ],
  targets: TO_SERVICE,
};
