// Linode (Akamai): a NodeBalancer, which terminates connections and sends the client address by the PROXY protocol, port by port.
import { isRecord } from "../source/data.ts";
import { CONNECTION, fixedIdle, ownsByPrefix, PROXY_REASON, USUAL } from "./forms.ts";
import type { Provider, ProxyVersion, Reading } from "./provider.ts";

const PREFIX = "service.beta.kubernetes.io/linode-loadbalancer-";
const DEFAULT = `${PREFIX}default-proxy-protocol`;
/** Deprecated; the same as DEFAULT. */
const OLD_DEFAULT = `${PREFIX}proxy-protocol`;
/** Of the annotations document; how many passed checks make a node healthy again is not documented. */
const CHECK = { ...CONNECTION, intervalS: 5, timeoutS: 3, unhealthy: 2 };

export const linode: Provider = {
  ...USUAL,
  name: "linode",
  title: "Linode (Akamai)",
  makes: "a NodeBalancer",
  documents: {
    "linode-cloud-controller-manager, Service Annotations":
      "https://github.com/linode/linode-cloud-controller-manager/blob/main/docs/configuration/annotations.md",
    "linode-cloud-controller-manager, Firewall Setup":
      "https://github.com/linode/linode-cloud-controller-manager/blob/main/docs/configuration/firewall.md",
    "Akamai, Configuration options for NodeBalancers":
      "https://techdocs.akamai.com/cloud-computing/docs/configuration-options-for-nodebalancers",
  },
  owns: ownsByPrefix(PREFIX),
  proxy: {
    versions: ["v2", "v1"],
    perPort: true,
    write: (ports) => {
      const used = ports.map(({ proxy }) => proxy);
      const [first = "none"] = used;
      if (used.every((proxy) => proxy === first))
        return first === "none" ? [] : [{ name: DEFAULT, value: first, because: PROXY_REASON }];
      return ports.map(({ port, proxy }) => ({
        name: `${PREFIX}port-${port}`,
        value: JSON.stringify({ protocol: "tcp", "proxy-protocol": proxy }),
        because: proxy === "none" ? "no PROXY header on this port" : PROXY_REASON,
      }));
    },
    read: ({ annotations }, port) => {
      const name = `${PREFIX}port-${port}`;
      const own = portSettings(annotations[name] ?? "{}");
      if (own === undefined) return unread(name);
      if (own["proxy-protocol"] !== undefined) return version(name, own["proxy-protocol"]);
      const general = [DEFAULT, OLD_DEFAULT].find((one) => annotations[one] !== undefined);
      return general === undefined ? { value: "none" } : version(general, annotations[general] ?? "");
    },
  },
  keepsClientAddress: undefined,
  readKeeps: () => ({ value: false }),
  tlsNote: "a port that terminates TLS is an HTTP proxy; the PROXY protocol is documented for TCP only",
  healthCheck: { Cluster: CHECK, Local: CHECK },
  httpAnnotations: [
    [/\/linode-loadbalancer-default-protocol$/, /^https?$/],
    [/\/linode-loadbalancer-port-\d+$/, /"protocol"\s*:\s*"https?"/],
  ],
  healthCheckAnnotations: /\/linode-loadbalancer-check-/,
  idleTimeout: fixedIdle(),
  fromInside: `Pods that call the load balancer's address may bypass it and send no PROXY header; \`${PREFIX}hostname-only-ingress\` keeps the address out of the Service's status.`,
  notes: [
    "`linode-loadbalancer-firewall-acl` (in `annotations`) restricts client addresses; `loadBalancerSourceRanges` is not documented.",
    "The idle timeout is not documented.",
  ],
};

/** The JSON of a port's annotation; undefined: it is not an object. */
function portSettings(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isRecord(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function version(name: string, value: unknown): Reading<ProxyVersion | "none"> {
  return value === "none" || value === "v1" || value === "v2" ? { value, by: name } : unread(name);
}

function unread(name: string): Reading<never> {
  return { unknown: `${name} has a value that Portico does not know`, by: name };
}
