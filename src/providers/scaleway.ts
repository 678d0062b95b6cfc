// Scaleway: a load balancer that terminates connections and sends the client address by the PROXY protocol, port by port.
import {
  CONNECTION,
  flag,
  idleSeconds,
  inList,
  ownsByPrefix,
  PROXY_REASON,
  portsWith,
  USUAL,
} from "./forms.ts";
import type { Provider, ServiceText } from "./provider.ts";

const PREFIX = "service.beta.kubernetes.io/scw-loadbalancer-";
const V1 = `${PREFIX}proxy-protocol-v1`;
const V2 = `${PREFIX}proxy-protocol-v2`;
/** Deprecated; the same as V2. */
const OLD_V2 = `${PREFIX}send-proxy-v2`;
const CERTIFICATES = `${PREFIX}certificate-ids`;
/** Of the annotations document; how many passed checks make a node healthy again is not documented. */
const CHECK = { ...CONNECTION, intervalS: 5, timeoutS: 5, unhealthy: 5 };

export const scaleway: Provider = {
  ...USUAL,
  name: "scaleway",
  title: "Scaleway",
  makes: "a Scaleway Load Balancer",
  documents: {
    "scaleway-cloud-controller-manager, Scaleway LoadBalancer Annotations":
      "https://github.com/scaleway/scaleway-cloud-controller-manager/blob/master/docs/loadbalancer-annotations.md",
    "scaleway-cloud-controller-manager, scaleway/acl.go (loadBalancerSourceRanges)":
      "https://github.com/scaleway/scaleway-cloud-controller-manager/blob/master/scaleway/acl.go",
  },
  owns: ownsByPrefix(PREFIX),
  proxy: {
    versions: ["v2", "v1"],
    perPort: true,
    write: (ports) =>
      (["v1", "v2"] as const).flatMap((version) => {
        const list = portsWith(ports, version);
        if (list === "") return [];
        return [{ name: version === "v1" ? V1 : V2, value: list, because: PROXY_REASON }];
      }),
    read: (service, port) => {
      for (const [name, version] of [
        [V2, "v2"],
        [OLD_V2, "v2"],
        [V1, "v1"],
      ] as const)
        if (isOn(service, name, port)) return { value: version, by: name };
      const disabling = [V2, OLD_V2, V1].find((name) => service.annotations[name] !== undefined);
      return { value: "none", by: disabling };
    },
  },
  keepsClientAddress: undefined,
  readKeeps: () => ({ value: false }),
  tls: {
    certificate: "the ID of a certificate",
    write: (ports) => {
      const ending = ports.filter(({ certificate }) => certificate !== undefined);
      if (ending.length === 0) return [];
      const value = ending.map(({ port, certificate }) => `${port}:${certificate ?? ""}`).join(";");
      return [
        { name: CERTIFICATES, value, because: "TLS terminated at the load balancer, on this port only" },
      ];
    },
    read: ({ annotations }, port) => {
      const text = annotations[CERTIFICATES];
      if (text === undefined || text === "") return undefined;
      if (!text.includes(":")) return { value: text, by: CERTIFICATES };
      const own = text
        .split(";")
        .map((part) => part.split(":"))
        .find(([ports = ""]) => ports.split(",").some((one) => one.trim() === String(port)));
      return own === undefined ? undefined : { value: (own[1] ?? "").trim(), by: CERTIFICATES };
    },
  },
  healthCheck: { Cluster: CHECK, Local: CHECK },
  httpAnnotations: [[/\/scw-loadbalancer-protocol-http$/, /^(?!false$)./]],
  healthCheckAnnotations: /\/scw-loadbalancer-health-/,
  idleTimeout: idleSeconds(
    [`${PREFIX}timeout-server`, `${PREFIX}timeout-client`, `${PREFIX}timeout-tunnel`],
    10,
    { suffix: "s" },
  ),
  internal: flag(`${PREFIX}private`, "not reachable from the internet"),
  sourceRanges: true,
  fromInside:
    "With the PROXY protocol on all ports, the controller configures Kubernetes 1.30 and newer not to bypass the load balancer. On older versions, pods that connect to its address send no PROXY header; set `scw-loadbalancer-use-hostname`.",
  notes: [
    "The default timeouts are 10 s for the server side and 10 min for the client side. Portico writes the same value for all three timeouts.",
    "The health check is a connection without a PROXY header (`health-check-send-proxy` is off by default).",
  ],
};

/** `true` and `*`: all ports; else a list of the Service's ports. */
function isOn(service: ServiceText, name: string, port: number): boolean {
  const value = service.annotations[name] ?? "false";
  return value === "true" || value === "*" || inList(value, port, service);
}
