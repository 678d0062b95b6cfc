// Azure Kubernetes Service: a Standard Load Balancer, which forwards packets.
import { CONNECTION, flag, idleSeconds, LOCAL_PODS, ownsByPrefix, USUAL } from "./forms.ts";
import type { Annotations, Provider, ServiceText, Sourced } from "./provider.ts";

const PREFIX = "service.beta.kubernetes.io/azure-";

/** An annotation for one port takes precedence over the one for all ports (azure_loadbalancer_healthprobe.go). */
function annotation(annotations: Annotations, port: number, name: string): Sourced<string> | undefined {
  const by = `${PREFIX}load-balancer-health-probe-${name}`;
  const value = annotations[by];
  return ownAnnotation(annotations, port, name) ?? (value === undefined ? undefined : { value, by });
}

function ownAnnotation(annotations: Annotations, port: number, name: string): Sourced<string> | undefined {
  const by = `service.beta.kubernetes.io/port_${port}_health-probe_${name}`;
  const value = annotations[by];
  return value === undefined ? undefined : { value, by };
}

/** The number or name of a port of the Service, whose node port is checked, or another port of the nodes. */
function checkedPort({ annotations, ports }: ServiceText, port: number): Sourced<string> | undefined {
  const set = ownAnnotation(annotations, port, "port");
  if (set === undefined) return undefined;
  const named = ports.find(
    (one) => one.name?.toLowerCase() === set.value.toLowerCase() || String(one.port) === set.value,
  );
  if (named?.port === port) return { ...set, value: "traffic-port" };
  return named === undefined
    ? set
    : { ...set, value: String(named.nodePort ?? "a port that the cluster chooses") };
}

/** Any other protocol is checked with a connection. */
function probeProtocol(value: string): string {
  const protocol = value.trim().toLowerCase();
  return protocol === "http" || protocol === "https" ? protocol : "tcp";
}

export const azure: Provider = {
  ...USUAL,
  name: "azure",
  title: "Azure (AKS)",
  makes: "an Azure Load Balancer",
  documents: {
    "Cloud Provider Azure, Azure LoadBalancer":
      "https://kubernetes-sigs.github.io/cloud-provider-azure/topics/loadbalancer",
    "cloud-provider-azure, pkg/provider/azure_loadbalancer_healthprobe.go":
      "https://github.com/kubernetes-sigs/cloud-provider-azure/blob/master/pkg/provider/azure_loadbalancer_healthprobe.go",
    "AKS, Use a public standard load balancer":
      "https://learn.microsoft.com/en-us/azure/aks/load-balancer-standard",
  },
  owns: ownsByPrefix(PREFIX),
  keepsClientAddress: "Local",
  readKeeps: () => ({ value: true }),
  tlsNote: "it forwards packets and cannot terminate TLS",
  healthCheck: {
    Cluster: { ...CONNECTION, intervalS: 5, unhealthy: 2 },
    Local: { ...LOCAL_PODS, intervalS: 5, unhealthy: 2 },
  },
  readHealthCheck: (service, port) => {
    const checked = checkedPort(service, port);
    // The annotations of one probe for all ports have no effect on kube-proxy's answer.
    if (checked === undefined && service.externalTrafficPolicy === "Local") return {};
    const set = (name: string) => annotation(service.annotations, port, name);
    const { appProtocol } = service.ports.find((one) => one.port === port) ?? {};
    const own = ownAnnotation(service.annotations, port, "protocol");
    const protocol = own ?? (appProtocol === undefined ? set("protocol") : { value: appProtocol });
    const byProtocol = protocol && { ...protocol, value: probeProtocol(protocol.value) };
    return {
      port: checked,
      protocol: byProtocol ?? { value: "tcp" },
      path: set("request-path") ?? { value: "/" },
      intervalS: set("interval"),
      unhealthy: set("num-of-probe"),
      statuses: { value: "200" },
    };
  },
  idleTimeout: idleSeconds([`${PREFIX}load-balancer-tcp-idle-timeout`], 240, {
    unitS: 60,
    range: { leastS: 240, mostS: 6000 },
  }),
  internal: flag(`${PREFIX}load-balancer-internal`, "not reachable from the internet"),
  sourceRanges: true,
  notes: [
    "Only a Private Link Service sends PROXY headers (`azure-pls-proxy-protocol`); Portico does not create one.",
    "On an internal load balancer, `loadBalancerSourceRanges` does not restrict clients in the virtual network, unless `azure-deny-all-except-load-balancer-source-ranges` is set.",
    "A cluster can be configured to check kube-proxy (port 10256) instead of the port of each Service.",
  ],
};
