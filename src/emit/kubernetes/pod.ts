// The pod: HAProxy alone, unprivileged, at Pod Security level restricted.
import type { Container, ContainerPort, PodSpec } from "kubernetes-types/core/v1.d.ts";
import { boundPorts } from "../../plan/bound-ports.ts";
import { partOf } from "../../plan/places.ts";
import type { Decided, Plan } from "../../plan/plan.ts";
import { placeOf } from "../file.ts";
import type { ConfigMaps } from "./config-maps.ts";
import { because, decided, placed } from "./manifest.ts";
import { selector } from "./metadata.ts";
import { probes } from "./probes.ts";
import { quantity } from "./quantity.ts";
import type { PodSecrets } from "./secrets.ts";
import { podVolumes } from "./volumes.ts";

export function pod(plan: Plan, image: string, config: ConfigMaps, { env }: PodSecrets): PodSpec {
  const { volumes, mounts, join } = podVolumes(plan, config);
  const { drain, kubernetes } = plan;
  const pullSecrets = kubernetes.pullSecrets.map((name) => ({ name }));
  return {
    serviceAccountName: kubernetes.names.edge,
    automountServiceAccountToken: because(false, "HAProxy does not use the Kubernetes API"),
    enableServiceLinks: because(false, "no environment variables for Services"),
    ...(pullSecrets.length > 0 && {
      imagePullSecrets: because(pullSecrets, partOf(plan, "kubernetes.pullSecrets")),
    }),
    terminationGracePeriodSeconds: decided(drain.gracePeriodS),
    ...dnsOf(plan),
    securityContext: podSecurity(plan),
    ...(kubernetes.workload.value === "Deployment" && spread(plan)),
    ...(join !== undefined && {
      initContainers: [
        because(
          {
            ...join,
            image,
            securityContext: containerSecurity(),
            resources: resources(plan, (value) => value),
          },
          "joins files that are larger than a ConfigMap",
        ),
      ],
    }),
    containers: [
      {
        name: "haproxy",
        image: because(image, placeOf(plan.image.repository)),
        ...(env.length > 0 && { env: because(env, "read once, when HAProxy starts") }),
        ports: containerPorts(plan),
        ...probes(plan),
        resources: resources(plan, because),
        securityContext: containerSecurity(),
        terminationMessagePolicy: because(
          "FallbackToLogsOnError",
          "the last log lines appear in the pod's status",
        ),
        volumeMounts: mounts,
      },
    ],
    volumes,
  };
}

/** Services, probes and monitors use the names of the ports. */
function containerPorts(plan: Plan): ContainerPort[] {
  const onHost = plan.kubernetes.exposure.value === "hostPort";
  const ports = boundPorts(plan).map(({ name, port }) => {
    const outside = onHost ? plan.loadBalancer.ports.find(({ listener }) => listener === name) : undefined;
    return {
      name,
      containerPort: placed(port),
      ...(outside !== undefined && { hostPort: outside.port.value }),
    };
  });
  return onHost ? because(ports, "host ports need a namespace of Pod Security level privileged") : ports;
}

/** `explain`: `because`, or a function that leaves values as they are. */
function resources({ kubernetes }: Plan, explain: typeof because): NonNullable<Container["resources"]> {
  const { cpuRequest, memoryRequest, memoryLimit } = kubernetes.resources;
  const memory = (bytes: Decided<number>) => explain(quantity(bytes.value), bytes);
  return {
    requests: { cpu: explain(cpuRequest.value, cpuRequest), memory: memory(memoryRequest) },
    limits: { memory: memory(memoryLimit) },
  };
}

function containerSecurity(): NonNullable<Container["securityContext"]> {
  return {
    allowPrivilegeEscalation: false,
    readOnlyRootFilesystem: true,
    capabilities: { drop: ["ALL"] },
  };
}

function podSecurity({ image, kubernetes }: Plan): NonNullable<PodSpec["securityContext"]> {
  const user = image.user.value;
  const sysctls = [{ name: "net.ipv4.ip_unprivileged_port_start", value: "0" }];
  return {
    runAsNonRoot: true,
    runAsUser: decided(image.user),
    runAsGroup: user,
    fsGroup: user,
    seccompProfile: { type: "RuntimeDefault" },
    ...(kubernetes.lowPorts && {
      sysctls: because(sysctls, "HAProxy binds a port below 1024 without privileges"),
    }),
  };
}

function dnsOf({ dns }: Plan): Pick<PodSpec, "dnsPolicy" | "dnsConfig"> {
  const own = dns.podNameServers.value.length > 0;
  if (!own && dns.options.length === 0) return {};
  const options = dns.options.map(({ name, value, ...reason }) =>
    because(value === null ? { name } : { name, value }, reason),
  );
  return {
    ...(own && { dnsPolicy: "None" }),
    dnsConfig: {
      ...(own && { nameservers: because([...dns.podNameServers.value], dns.podNameServers) }),
      ...(options.length > 0 && { options }),
    },
  };
}

/**
 * Over nodes by a constraint per revision: the pods of the old revision do not influence those of the new one. Over zones by affinity: with a
 * constraint on a label that nodes lack, the scheduler excludes these nodes from the score of every constraint.
 */
function spread(plan: Plan): Pick<PodSpec, "topologySpreadConstraints" | "affinity"> {
  const labelSelector = { matchLabels: selector(plan) };
  const byNode = {
    maxSkew: 1,
    topologyKey: "kubernetes.io/hostname",
    whenUnsatisfiable: "ScheduleAnyway" as const,
    labelSelector,
    matchLabelKeys: ["pod-template-hash"],
  };
  const podAffinityTerm = { topologyKey: "topology.kubernetes.io/zone", labelSelector };
  return {
    topologySpreadConstraints: because([byNode], "spreads the pods of each revision over the nodes"),
    affinity: because(
      {
        podAntiAffinity: {
          preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 100, podAffinityTerm }],
        },
      },
      "spreads over zones; a second constraint would disable the first on nodes without zones",
    ),
  };
}
