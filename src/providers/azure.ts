// Azure Kubernetes Service: a Standard Load Balancer, which forwards packets.
import { CONNECTION, flag, idleSeconds, LOCAL_PODS, ownsByPrefix, USUAL } from "./forms.ts";
import type { Provider } from "./provider.ts";

const PREFIX = "service.beta.kubernetes.io/azure-";

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
  healthCheckAnnotations: /\/azure-load-balancer-health-probe-|\/port_\d+_health-probe_/,
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
