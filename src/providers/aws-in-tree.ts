// AWS's controller of the cloud provider itself ("in-tree"): a Classic Load Balancer to node ports.
import { AWS, attribute, awsCertificate, ownedByController } from "./aws/annotations.ts";
import { CONNECTION, flag, idleSeconds, LOCAL_PODS, ownsByPrefix, proxyForAll, USUAL } from "./forms.ts";
import type { Annotations, Provider } from "./provider.ts";

const ATTRIBUTES = `${AWS}target-group-attributes`;
const classicProxy = proxyForAll(`${AWS}proxy-protocol`, { v1: ["*"] }, []);
const classicIdle = idleSeconds([`${AWS}connection-idle-timeout`], 60, { range: { leastS: 1, mostS: 4000 } });

export const awsInTree: Provider = {
  ...USUAL,
  name: "aws-in-tree",
  title: "AWS in-tree controller",
  makes: "a Classic Load Balancer",
  documents: {
    "cloud-provider-aws, The Service Controller":
      "https://github.com/kubernetes/cloud-provider-aws/blob/master/docs/service_controller.md",
    "cloud-provider-aws, pkg/providers/v1/aws.go (EnsureLoadBalancer)":
      "https://github.com/kubernetes/cloud-provider-aws/blob/master/pkg/providers/v1/aws.go",
    "AWS, Configure proxy protocol for your Classic Load Balancer":
      "https://docs.aws.amazon.com/elasticloadbalancing/latest/classic/enable-proxy-protocol.html",
  },
  owns: (service) => ownsByPrefix(AWS)(service) && !ownedByController(service),
  proxy: {
    versions: ["v1"],
    ...classicProxy,
    read: (service, port) => {
      if (!isNetwork(service.annotations)) return classicProxy.read(service, port);
      const enabled = attribute(service.annotations, ATTRIBUTES, "proxy_protocol_v2.enabled");
      return {
        value: enabled === "true" ? "v2" : "none",
        by: enabled === undefined ? undefined : ATTRIBUTES,
      };
    },
  },
  keepsClientAddress: undefined,
  readKeeps: (annotations) => {
    if (!isNetwork(annotations)) return { value: false };
    const preserve = attribute(annotations, ATTRIBUTES, "preserve_client_ip.enabled");
    return { value: preserve !== "false", by: preserve === undefined ? `${AWS}type` : ATTRIBUTES };
  },
  tls: awsCertificate(true),
  healthCheck: {
    Cluster: { ...CONNECTION, intervalS: 10, timeoutS: 5, healthy: 2, unhealthy: 6 },
    Local: { ...LOCAL_PODS, intervalS: 10, timeoutS: 5, healthy: 2, unhealthy: 6 },
  },
  httpAnnotations: [[/\/aws-load-balancer-backend-protocol$/, /^https?$/i]],
  healthCheckAnnotations: /\/aws-load-balancer-healthcheck-|\/aws-load-balancer-type$/,
  idleTimeout: {
    ...classicIdle,
    read: (annotations) =>
      isNetwork(annotations) ? { value: 350, by: `${AWS}type` } : classicIdle.read(annotations),
  },
  internal: flag(`${AWS}internal`, "not reachable from the internet"),
  sourceRanges: true,
  notes: [
    "The PROXY protocol applies to all ports of the Service or to none.",
    "If the AWS Load Balancer Controller runs with its webhook for Services, it manages new Services without a load balancer class: disable the webhook (`enableServiceMutatorWebhook=false`), or describe `aws-nlb-controller`.",
  ],
};

/** `aws-load-balancer-type: nlb`: a Network Load Balancer, created by the same controller. */
function isNetwork(annotations: Annotations): boolean {
  return annotations[`${AWS}type`] === "nlb";
}
