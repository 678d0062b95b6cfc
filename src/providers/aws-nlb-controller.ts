// AWS Load Balancer Controller: a Network Load Balancer to node ports.
import {
  AWS,
  AWS_CONTROLLER_CLASS,
  attribute,
  awsCertificate,
  ownedByController,
} from "./aws/annotations.ts";
import {
  CONNECTION,
  healthCheckIn,
  inList,
  LOCAL_PODS,
  notUnderstood,
  PROXY_REASON,
  USUAL,
} from "./forms.ts";
import type { PortAsked, Provider, ServiceText } from "./provider.ts";

const PROXY = `${AWS}proxy-protocol`;
const PROXY_PORTS = `${AWS}proxy-protocol-per-target-group`;
const TARGET_ATTRIBUTES = `${AWS}target-group-attributes`;

/** AWS, "Update the TCP idle timeout for your Network Load Balancer listener": 60 to 6000 s; TLS listeners keep 350 s. */
const IDLE = { leastS: 60, mostS: 6000 };

export const awsNlbController: Provider = {
  ...USUAL,
  name: "aws-nlb-controller",
  title: "AWS Load Balancer Controller",
  makes: "a Network Load Balancer",
  documents: {
    "AWS Load Balancer Controller, Service annotations":
      "https://kubernetes-sigs.github.io/aws-load-balancer-controller/latest/guide/service/annotations/",
    "AWS Load Balancer Controller, Network Load Balancer":
      "https://kubernetes-sigs.github.io/aws-load-balancer-controller/latest/guide/service/nlb/",
    "AWS, Update the TCP idle timeout for your Network Load Balancer listener":
      "https://docs.aws.amazon.com/elasticloadbalancing/latest/network/update-idle-timeout.html",
  },
  owns: ownedByController,
  always: ({ internal }) => [
    {
      name: `${AWS}type`,
      value: "external",
      because: "managed by the AWS Load Balancer Controller",
    },
    {
      name: `${AWS}nlb-target-type`,
      value: "instance",
      because: "node ports, so that the traffic policy of the Service applies",
    },
    {
      name: `${AWS}scheme`,
      value: internal ? "internal" : "internet-facing",
      because: internal ? "described as internal" : "the default is internal",
    },
  ],
  proxy: {
    versions: ["v2"],
    perPort: true,
    write: (ports) => {
      const proxied = ports.filter(({ proxy }) => proxy !== "none");
      if (proxied.length === 0) return [];
      return proxied.length === ports.length
        ? [{ name: PROXY, value: "*", because: PROXY_REASON }]
        : [
            {
              name: PROXY_PORTS,
              value: proxied.map(({ port }) => port).join(", "),
              because: PROXY_REASON,
            },
          ];
    },
    read: (service, port) => {
      const { annotations } = service;
      const all = annotations[PROXY];
      if (all !== undefined) return all === "*" ? { value: "v2", by: PROXY } : notUnderstood(PROXY, all);
      const list = annotations[PROXY_PORTS];
      if (list !== undefined) return { value: inList(list, port, service) ? "v2" : "none", by: PROXY_PORTS };
      const name =
        annotations[`${TARGET_ATTRIBUTES}.${port}`] === undefined
          ? TARGET_ATTRIBUTES
          : `${TARGET_ATTRIBUTES}.${port}`;
      const enabled = attribute(annotations, name, "proxy_protocol_v2.enabled");
      return { value: enabled === "true" ? "v2" : "none", by: enabled === undefined ? undefined : name };
    },
  },
  keepsClientAddress: "Local",
  readKeeps: (annotations) => {
    const preserve = attribute(annotations, TARGET_ATTRIBUTES, "preserve_client_ip.enabled");
    if (preserve !== undefined) return { value: preserve === "true", by: TARGET_ATTRIBUTES };
    const instance = !toPods(annotations);
    return {
      value: instance,
      by: annotations[`${AWS}nlb-target-type`] === undefined ? undefined : `${AWS}nlb-target-type`,
    };
  },
  tls: awsCertificate(false),
  healthCheck: {
    Cluster: { ...CONNECTION, intervalS: 10, timeoutS: 10, healthy: 3, unhealthy: 3 },
    Local: { ...LOCAL_PODS, withProxy: true, intervalS: 10, timeoutS: 10, healthy: 3, unhealthy: 3 },
  },
  readHealthCheck: healthCheckIn({
    protocol: `${AWS}healthcheck-protocol`,
    port: `${AWS}healthcheck-port`,
    path: `${AWS}healthcheck-path`,
    intervalS: `${AWS}healthcheck-interval`,
    timeoutS: `${AWS}healthcheck-timeout`,
    healthy: `${AWS}healthcheck-healthy-threshold`,
    unhealthy: `${AWS}healthcheck-unhealthy-threshold`,
    statuses: `${AWS}healthcheck-success-codes`,
  }),
  healthCheckAnnotations: /\/aws-load-balancer-healthcheck-/,
  idleTimeout: {
    defaultS: 350,
    range: IDLE,
    stepS: 1,
    write: (seconds, ports) => ports.flatMap((port) => idleOf(port, seconds)),
    read: (annotations) => {
      const listener = Object.keys(annotations).find(
        (name) =>
          name.startsWith(`${AWS}listener-attributes.`) &&
          attribute(annotations, name, "tcp.idle_timeout.seconds") !== undefined,
      );
      if (listener === undefined) return { value: 350 };
      const text = attribute(annotations, listener, "tcp.idle_timeout.seconds") ?? "";
      return /^\d+$/.test(text) ? { value: Number(text), by: listener } : notUnderstood(listener, text);
    },
  },
  internal: {
    write: [],
    read: (annotations) => {
      const [scheme, internal] = [annotations[`${AWS}scheme`], annotations[`${AWS}internal`]];
      if (scheme !== undefined)
        return /^(internal|internet-facing)$/.test(scheme)
          ? { value: scheme === "internal", by: `${AWS}scheme` }
          : notUnderstood(`${AWS}scheme`, scheme);
      if (internal !== undefined) return { value: internal === "true", by: `${AWS}internal` };
      return { value: true };
    },
  },
  sourceRanges: true,
  notes: [
    `Without \`aws-load-balancer-scheme\` the load balancer is internal; a Service of the class \`${AWS_CONTROLLER_CLASS}\` is the controller's too.`,
    "For the PROXY protocol, the documentation advises against `externalTrafficPolicy: Local`: the HTTP health check of that policy would have to accept PROXY headers. Portico writes `Cluster`.",
    "`aws-load-balancer-type` must not be added or changed on an existing Service: create a new one.",
  ],
  targets: (annotations) => (toPods(annotations) ? "pod" : "service"),
};

function idleOf({ port, certificate }: PortAsked, seconds: number) {
  if (certificate !== undefined) return [];
  return [
    {
      name: `${AWS}listener-attributes.TCP-${port}`,
      value: `tcp.idle_timeout.seconds=${seconds}`,
      because: "closes idle connections after this time",
    },
  ];
}

function toPods(annotations: ServiceText["annotations"]): boolean {
  return annotations[`${AWS}type`] === "nlb-ip" || annotations[`${AWS}nlb-target-type`] === "ip";
}
