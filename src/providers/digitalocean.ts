// DigitalOcean: a regional load balancer, which terminates connections and sends the client address by the PROXY protocol.
import { idleSeconds, KUBE_PROXY, LOCAL_PODS, ownsByPrefix, proxyForAll, USUAL } from "./forms.ts";
import type { Provider } from "./provider.ts";

const PREFIX = "service.beta.kubernetes.io/do-loadbalancer-";
/** Of the annotations document: checks every 3 s, timeout 5 s, healthy threshold 5, unhealthy threshold 3. */
const CHECK = { intervalS: 3, timeoutS: 5, healthy: 5, unhealthy: 3 };

export const digitalocean: Provider = {
  ...USUAL,
  name: "digitalocean",
  title: "DigitalOcean",
  makes: "a regional load balancer",
  documents: {
    "digitalocean-cloud-controller-manager, Service Annotations":
      "https://github.com/digitalocean/digitalocean-cloud-controller-manager/blob/master/docs/controllers/services/annotations.md",
    "digitalocean-cloud-controller-manager, Accessing pods over a managed load-balancer from inside the cluster":
      "https://github.com/digitalocean/digitalocean-cloud-controller-manager/blob/master/docs/controllers/services/examples/README.md",
    "digitalocean-cloud-controller-manager, cloud-controller-manager/do/loadbalancers.go (buildHealthCheck)":
      "https://github.com/digitalocean/digitalocean-cloud-controller-manager/blob/master/cloud-controller-manager/do/loadbalancers.go",
    "DigitalOcean, PROXY protocol (glossary)": "https://docs.digitalocean.com/glossary/proxy/",
  },
  owns: ownsByPrefix(PREFIX, "service.kubernetes.io/do-loadbalancer-", "kubernetes.digitalocean.com/"),
  always: () => [
    {
      name: `${PREFIX}type`,
      value: "REGIONAL",
      because: "terminates connections; the default REGIONAL_NETWORK does not",
    },
  ],
  proxy: {
    versions: ["v1"],
    ...proxyForAll(`${PREFIX}enable-proxy-protocol`, { v1: ["true"] }),
  },
  keepsClientAddress: undefined,
  readKeeps: (annotations) =>
    annotations[`${PREFIX}type`] === "REGIONAL"
      ? { value: false, by: `${PREFIX}type` }
      : {
          unknown:
            "DigitalOcean does not document which address arrives through a REGIONAL_NETWORK load balancer",
          by: annotations[`${PREFIX}type`] === undefined ? undefined : `${PREFIX}type`,
        },
  tlsNote: "it terminates TLS only as an HTTP proxy (`do-loadbalancer-tls-ports`)",
  healthCheck: { Cluster: { ...KUBE_PROXY, ...CHECK }, Local: { ...LOCAL_PODS, ...CHECK } },
  httpAnnotations: [
    [/\/do-loadbalancer-protocol$/, /^http/],
    [/\/do-loadbalancer-(tls|http2?)-ports$|\/do-loadbalancer-http3-port$/, /\d/],
    [/\/do-loadbalancer-certificate-(id|name)$/, /./],
  ],
  healthCheckAnnotations: /\/do-loadbalancer-(healthcheck-|override-health-check)/,
  idleTimeout: idleSeconds([`${PREFIX}http-idle-timeout-seconds`], 60),
  internal: {
    write: [{ name: `${PREFIX}network`, value: "INTERNAL", because: "not reachable from the internet" }],
    read: (annotations) => {
      const value = annotations[`${PREFIX}network`];
      return { value: value === "INTERNAL", by: value === undefined ? undefined : `${PREFIX}network` };
    },
  },
  sourceRanges: true,
  fromInside: `Pods that call the load balancer's address bypass it and send no PROXY header: HAProxy refuses them. Let them use the internal entrance, or set \`${PREFIX}hostname\` to a name that points at the load balancer.`,
  notes: [
    "The PROXY protocol applies to all ports of the Service or to none; health checks are sent without it.",
    "The documented idle timeout is for HTTP; the support page of DigitalOcean mentions connections.",
  ],
};
