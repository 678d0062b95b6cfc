// The pod: HAProxy alone, unprivileged, at Pod Security level restricted.
import type { Container, ContainerPort, PodDNSConfig, PodSpec } from "kubernetes-types/core/v1.d.ts";
import { boundPorts } from "../../plan/bound-ports.ts";
import { partOf } from "../../plan/places.ts";
import type { Plan } from "../../plan/plan.ts";
import { placeOf } from "../file.ts";
import type { ConfigMaps } from "./config-maps.ts";
import { below, each, type Reasons } from "./manifest.ts";
import { selector } from "./metadata.ts";
import { probes } from "./probes.ts";
import { quantity } from "./quantity.ts";
import type { PodSecrets } from "./secrets.ts";
import { podVolumes } from "./volumes.ts";

export interface Pod {
  readonly spec: PodSpec;
  /** By pointer from the spec. */
  readonly because: Reasons;
}

export function pod(plan: Plan, image: string, config: ConfigMaps, secrets: PodSecrets): Pod {
  const { volumes, mounts, join, because } = podVolumes(plan, config);
  const haproxy = haproxyContainer(plan, image, mounts, secrets);
  const security = podSecurity(plan);
  const dns = dnsOf(plan);
  const { drain, kubernetes } = plan;
  const scattered = kubernetes.workload.value === "Deployment" ? spread(plan) : { spec: {}, because: {} };
  return {
    spec: {
      serviceAccountName: kubernetes.names.edge,
      automountServiceAccountToken: false,
      enableServiceLinks: false,
      ...(kubernetes.pullSecrets.length > 0 && {
        imagePullSecrets: kubernetes.pullSecrets.map((name) => ({ name })),
      }),
      terminationGracePeriodSeconds: drain.gracePeriodS.value,
      ...dns.spec,
      ...security.spec,
      ...scattered.spec,
      ...(join !== undefined && {
        initContainers: [
          { ...join, image, securityContext: containerSecurity(), resources: resources(plan) },
        ],
      }),
      containers: [haproxy.spec],
      volumes,
    },
    because: {
      ...(kubernetes.pullSecrets.length > 0 && {
        "/imagePullSecrets": partOf(plan, "kubernetes.pullSecrets"),
      }),
      "/automountServiceAccountToken": "HAProxy does not use the Kubernetes API",
      "/enableServiceLinks": "no environment variables for Services",
      "/terminationGracePeriodSeconds": drain.gracePeriodS,
      ...dns.because,
      ...security.because,
      ...scattered.because,
      ...below("/containers/0", haproxy.because),
      ...because,
    },
  };
}

function haproxyContainer(
  plan: Plan,
  image: string,
  volumeMounts: NonNullable<Container["volumeMounts"]>,
  secrets: PodSecrets,
): { readonly spec: Container; readonly because: Reasons } {
  const { env } = secrets;
  const asked = probes(plan);
  const { ports, because } = containerPorts(plan);
  const { cpuRequest, memoryRequest, memoryLimit } = plan.kubernetes.resources;
  return {
    spec: {
      name: "haproxy",
      image,
      ...(env.length > 0 && { env }),
      ports,
      ...asked.probes,
      resources: resources(plan),
      securityContext: containerSecurity(),
      terminationMessagePolicy: "FallbackToLogsOnError",
      volumeMounts,
    },
    because: {
      ...because,
      ...(env.length > 0 && { "/env": "read once, when HAProxy starts" }),
      ...below("/env", secrets.because),
      "/image": placeOf(plan.image.repository),
      ...asked.because,
      "/resources/requests/cpu": cpuRequest,
      "/resources/requests/memory": memoryRequest,
      "/resources/limits/memory": memoryLimit,
      "/terminationMessagePolicy": "the last log lines appear in the pod's status",
    },
  };
}

/** Services, probes and monitors use the names of the ports. */
function containerPorts(plan: Plan): { readonly ports: ContainerPort[]; readonly because: Reasons } {
  const { loadBalancer, kubernetes } = plan;
  const named = boundPorts(plan);
  const onHost = kubernetes.exposure.value === "hostPort";
  const ports = named.map(({ name, port }) => {
    const outside = onHost ? loadBalancer.ports.find(({ listener }) => listener === name) : undefined;
    return {
      name,
      containerPort: port.value,
      ...(outside !== undefined && { hostPort: outside.port.value }),
    };
  });
  const places = each(
    "/ports",
    named.map(({ port }) => placeOf(port)),
    "/containerPort",
  );
  return {
    ports,
    because: {
      ...places,
      ...(onHost && { "/ports": "host ports need a namespace of Pod Security level privileged" }),
    },
  };
}

function resources({ kubernetes }: Plan): NonNullable<Container["resources"]> {
  const { cpuRequest, memoryRequest, memoryLimit } = kubernetes.resources;
  return {
    requests: { cpu: cpuRequest.value, memory: quantity(memoryRequest.value) },
    limits: { memory: quantity(memoryLimit.value) },
  };
}

function containerSecurity(): NonNullable<Container["securityContext"]> {
  return {
    allowPrivilegeEscalation: false,
    readOnlyRootFilesystem: true,
    capabilities: { drop: ["ALL"] },
  };
}

function podSecurity({ image, kubernetes }: Plan): { spec: Partial<PodSpec>; because: Reasons } {
  const user = image.user.value;
  return {
    spec: {
      securityContext: {
        runAsNonRoot: true,
        runAsUser: user,
        runAsGroup: user,
        fsGroup: user,
        seccompProfile: { type: "RuntimeDefault" },
        ...(kubernetes.lowPorts && {
          sysctls: [{ name: "net.ipv4.ip_unprivileged_port_start", value: "0" }],
        }),
      },
    },
    because: {
      "/securityContext/runAsUser": image.user,
      ...(kubernetes.lowPorts && {
        "/securityContext/sysctls": "HAProxy binds a port below 1024 without privileges",
      }),
    },
  };
}

function dnsOf({ dns }: Plan): { spec: Partial<PodSpec>; because: Reasons } {
  const nameservers = [...dns.podNameServers.value];
  const own = nameservers.length > 0;
  const dnsConfig: PodDNSConfig = {
    ...(own && { nameservers }),
    ...(dns.options.length > 0 && {
      options: dns.options.map(({ name, value }) => (value === null ? { name } : { name, value })),
    }),
  };
  if (Object.keys(dnsConfig).length === 0) return { spec: {}, because: {} };
  return {
    spec: { ...(own && { dnsPolicy: "None" }), dnsConfig },
    because: {
      ...(own && { "/dnsConfig/nameservers": dns.podNameServers }),
      ...each("/dnsConfig/options", dns.options),
    },
  };
}

/**
 * Over nodes by a constraint per revision: the pods of the old revision do not influence those of the new one. Over zones by affinity: with a
 * constraint on a label that nodes lack, the scheduler excludes these nodes from the score of every constraint.
 */
function spread(plan: Plan): { spec: Partial<PodSpec>; because: Reasons } {
  const labelSelector = { matchLabels: selector(plan) };
  return {
    spec: {
      topologySpreadConstraints: [
        {
          maxSkew: 1,
          topologyKey: "kubernetes.io/hostname",
          whenUnsatisfiable: "ScheduleAnyway",
          labelSelector,
          matchLabelKeys: ["pod-template-hash"],
        },
      ],
      affinity: {
        podAntiAffinity: {
          preferredDuringSchedulingIgnoredDuringExecution: [
            {
              weight: 100,
              podAffinityTerm: { topologyKey: "topology.kubernetes.io/zone", labelSelector },
            },
          ],
        },
      },
    },
    because: {
      "/topologySpreadConstraints": "spreads the pods of each revision over the nodes",
      "/affinity": "spreads over zones; a second constraint would disable the first on nodes without zones",
    },
  };
}
