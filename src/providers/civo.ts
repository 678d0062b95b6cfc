// Civo: a load balancer that terminates connections and sends the client address by the PROXY protocol.
import { idleSeconds, ownsByPrefix, proxyForAll, USUAL } from "./forms.ts";
import type { Provider } from "./provider.ts";

const PREFIX = "kubernetes.civo.com/";

export const civo: Provider = {
  ...USUAL,
  name: "civo",
  title: "Civo",
  makes: "a Civo load balancer",
  documents: {
    "civo-cloud-controller-manager, Load Balancer Customisation":
      "https://github.com/civo/civo-cloud-controller-manager#load-balancer-customisation",
    "civo-cloud-controller-manager, cloud-controller-manager/civo/loadbalancer.go":
      "https://github.com/civo/civo-cloud-controller-manager/blob/master/cloud-controller-manager/civo/loadbalancer.go",
  },
  owns: ownsByPrefix(PREFIX),
  proxy: {
    versions: ["v2", "v1"],
    ...proxyForAll(
      `${PREFIX}loadbalancer-enable-proxy-protocol`,
      { v1: ["send-proxy"], v2: ["send-proxy-v2"] },
      [],
    ),
  },
  keepsClientAddress: undefined,
  readKeeps: () => ({ unknown: "Civo does not document which address arrives" }),
  tlsNote: "no annotation for a certificate is documented",
  // The controller passes spec.healthCheckNodePort on; which path is requested, and what happens without one, is not documented.
  healthCheck: { Cluster: undefined, Local: undefined },
  httpAnnotations: [[/^kubernetes\.civo\.com\/protocol$/, /^http$/]],
  idleTimeout: idleSeconds([`${PREFIX}client-timeout`, `${PREFIX}server-timeout`], 60, { suffix: "s" }),
  fromInside:
    "With the PROXY protocol, the status of the Service contains a name instead of an address, so that connections of pods go through the load balancer.",
  notes: [
    "The PROXY protocol applies to all ports of the Service or to none.",
    "A Civo firewall restricts client addresses (`kubernetes.civo.com/firewall-id`, in `annotations`).",
  ],
};
