// Hetzner Cloud: a load balancer that terminates connections and sends the client address by the PROXY protocol.
import {
  CONNECTION,
  fixedIdle,
  fromAnnotation,
  notUnderstood,
  ownsByPrefix,
  proxyForAll,
  USUAL,
} from "./forms.ts";
import type { Provider } from "./provider.ts";

const PREFIX = "load-balancer.hetzner.cloud/";

export const hetzner: Provider = {
  ...USUAL,
  name: "hetzner",
  title: "Hetzner",
  makes: "a Hetzner Cloud Load Balancer",
  documents: {
    "hcloud-cloud-controller-manager, Load Balancer Annotations":
      "https://github.com/hetznercloud/hcloud-cloud-controller-manager/blob/main/docs/reference/load_balancer_annotations.md",
    "hcloud-cloud-controller-manager, internal/hcops/load_balancer.go (buildAddServiceOpts)":
      "https://github.com/hetznercloud/hcloud-cloud-controller-manager/blob/main/internal/hcops/load_balancer.go",
    "hcloud-cloud-controller-manager 1.21.0, release notes (Load Balancer IPMode Proxy)":
      "https://github.com/hetznercloud/hcloud-cloud-controller-manager/releases/tag/v1.21.0",
    "Bitahoy, How Kubernetes violates the Principle of Least Surprise when used with PROXY Protocol on Hetzner Load Balancers (the version, seen by others)":
      "https://blog.bitahoy.com/kubernetes/loadbalancer/2022/09/09/kubernetes-proxy-protocol.html",
  },
  owns: ownsByPrefix(PREFIX),
  proxy: {
    versions: ["v1"],
    ...proxyForAll(`${PREFIX}uses-proxyprotocol`, { v1: ["true"] }),
  },
  keepsClientAddress: undefined,
  readKeeps: () => ({ value: false }),
  tlsNote:
    "its protocol annotation applies to all ports, including plain HTTP, and makes it an HTTP proxy that terminates TLS",
  healthCheck: { Cluster: CONNECTION, Local: CONNECTION },
  httpAnnotations: [[/\/protocol$/, /^https?$/]],
  healthCheckAnnotations: /\/health-check-/,
  idleTimeout: fixedIdle(),
  internal: {
    write: [
      {
        name: `${PREFIX}disable-public-network`,
        value: "true",
        because: "not reachable from the internet",
      },
    ],
    read: (annotations) => {
      const name = `${PREFIX}disable-public-network`;
      const value = annotations[name];
      if (value !== undefined && value !== "true" && value !== "false") return notUnderstood(name, value);
      return fromAnnotation(annotations, name, value === "true");
    },
  },
  sourceRanges: false,
  fromInside: `Since version 1.21, the controller configures Kubernetes 1.30 and newer not to bypass a load balancer with PROXY protocol. On older versions, pods that connect to its address send no PROXY header; set \`${PREFIX}hostname\`.`,
  notes: [
    "A load balancer needs a location: write `load-balancer.hetzner.cloud/location` or `…/network-zone` in `annotations`, unless the controller has a default.",
    "Hetzner does not document the version of the PROXY protocol; others have observed version 1. HAProxy accepts both.",
    "The PROXY protocol applies to all ports of the Service or to none. The controller does not read `loadBalancerSourceRanges`.",
    "`http-timeout-idle` applies to the protocols http and https; the idle timeout of TCP is not documented.",
  ],
};
