// Lowering of what Kubernetes runs: objects, probes, resources and network access.
import { DEFAULTS } from "../description/defaults.ts";
import { parseSizeBytes } from "../description/text.ts";
import type { BackendPlan } from "./backend-plan.ts";
import { boundPorts } from "./bound-ports.ts";
import { chosen, decide, decideOr, follows, given } from "./described.ts";
import type { KubernetesPlan } from "./kubernetes-plan.ts";
import { INTERNAL_SERVICE_PORT } from "./listeners.ts";
import type { Lowering } from "./lowering.ts";
import { lowerNetworkPolicy } from "./network-policy.ts";
import type { Decided, Plan } from "./plan.ts";

type Known = Pick<
  Plan,
  "loadBalancer" | "listeners" | "stats" | "health" | "limits" | "backends" | "image" | "dns" | "logs"
>;

const MIB = 1024 * 1024;

export function lowerReplicas({ described }: Lowering): Decided<number> {
  const replicas = described.get("kubernetes").get("replicas");
  const least = replicas.get("min");
  if (least.value !== undefined) return follows(least, least.value, "the minimum of the autoscaler");
  const count = replicas.map((value) => (typeof value === "number" ? value : undefined));
  return decide(count, DEFAULTS.kubernetes.replicas, "tolerates the loss of a pod during a rolling update");
}

export function lowerKubernetes(lowering: Lowering, known: Known): KubernetesPlan {
  const { kubernetes } = lowering.edge;
  const exposure = lowerExposure(lowering, known);
  const workload = lowerWorkload(lowering, exposure);
  return {
    workload,
    names: namesOf(lowering, known, exposure.value),
    internalPort: chosen(INTERNAL_SERVICE_PORT, "the default port of http"),
    exposure,
    externalTrafficPolicy: lowerTrafficPolicy(lowering, known),
    autoscale: lowerAutoscale(lowering, workload.value),
    probes: lowerProbes(lowering, known),
    resources: lowerResources(lowering, known),
    networkPolicy: lowerNetworkPolicy(lowering, known),
    runFolderBytes: chosen(MIB, "holds sockets only"),
    podMonitor: kubernetes?.podMonitor ?? false,
    pullSecrets: kubernetes?.pullSecrets ?? [],
    authorities: authoritiesOf(known.backends),
    certificates: known.listeners.flatMap(({ tls }) =>
      (tls?.certificates ?? []).flatMap(({ secret, file }) => (secret === null ? [] : [{ secret, file }])),
    ),
    lowPorts: boundPorts(known).some(({ port }) => port.value < 1024),
  };
}

function lowerExposure({ edge, described }: Lowering, { loadBalancer }: Known): KubernetesPlan["exposure"] {
  const part = { at: described.get("public").get("loadBalancer").at() };
  if (loadBalancer.ports.length === 0) return chosen("none", "there is no public entrance");
  switch (loadBalancer.kind) {
    case "none":
      return chosen("hostPort", "no load balancer: clients connect to the nodes", part);
    case "service":
      return chosen(
        "LoadBalancer",
        edge.public === undefined && edge.internal === undefined
          ? "the default entrance: a public load balancer of the cloud"
          : "the cloud's controller creates the load balancer",
        part,
      );
    default:
      return chosen("NodePort", "the load balancer forwards to the same port on every node", part);
  }
}

function lowerWorkload(lowering: Lowering, exposure: KubernetesPlan["exposure"]): KubernetesPlan["workload"] {
  const { edge, report } = lowering;
  const own = lowering.described.get("kubernetes").get("workload");
  const described = own.value;
  const onHosts = exposure.value === "hostPort";
  if (described === "deployment" && onHosts)
    report({
      code: "host-ports-need-daemon-set",
      what: "`workload: deployment` uses host ports",
      why: "Two pods on one node need the same port, and a rolling update would never finish.",
      remedy: "Remove `workload`, or describe the load balancer in front of HAProxy.",
      path: ["kubernetes", "workload"],
    });
  const daemonSet = described === "daemonSet" || (described === undefined && onHosts);
  if (daemonSet && edge.kubernetes?.replicas !== undefined)
    report({
      code: "daemon-set-replicas",
      severity: "warning",
      what: "`replicas` is set for a DaemonSet",
      why: "A DaemonSet runs one pod on every node, so `replicas` has no effect.",
      remedy: onHosts ? "Remove `replicas`." : "Remove `replicas`, or write `workload: deployment`.",
      path: ["kubernetes", "replicas"],
      key: true,
    });
  const value = daemonSet ? "DaemonSet" : "Deployment";
  if (described !== undefined) return given(own, value);
  return chosen(
    value,
    onHosts ? "a pod on every node, on ports of the node" : "pods run on any node",
    exposure,
  );
}

function namesOf(lowering: Lowering, { stats, listeners }: Known, exposure: string): KubernetesPlan["names"] {
  const name = `${lowering.edge.edge}-edge`;
  const inside =
    listeners.some(({ entrance }) => entrance === "internal") || (stats !== null && !stats.public);
  return {
    edge: name,
    publicService: exposure === "NodePort" || exposure === "LoadBalancer" ? `${name}-public` : null,
    internalService: inside ? internalServiceName(lowering, name) : null,
    metricsService: `${name}-pods`,
  };
}

/** The name that in-cluster clients use: the first of `internal.hosts` that is a free name of a Service in this namespace. */
function internalServiceName(lowering: Lowering, otherwise: string): Decided<string> {
  const { edge, described, namespace } = lowering;
  const taken = new Set([`${otherwise}-public`, `${otherwise}-pods`]);
  for (const { service } of Object.values(edge.backends ?? {})) {
    const [name = "", space = namespace] = service?.split(".") ?? [];
    if (space === namespace) taken.add(name);
  }
  const named = (edge.internal?.hosts ?? [])
    .map((host) => host.toLowerCase().replace(/\.$/, "").split("."))
    .find(
      ([label = "", space, svc]) =>
        /^[a-z]([-a-z0-9]{0,61}[a-z0-9])?$/.test(label) &&
        !taken.has(label) &&
        (space === undefined || (space === namespace && (svc === undefined || svc === "svc"))),
    )?.[0];
  return named === undefined
    ? chosen(otherwise, "the edge's name with -edge")
    : follows(
        described.get("internal").get("hosts"),
        named,
        "the name that in-cluster clients use (internal.hosts)",
      );
}

function lowerTrafficPolicy(
  { described: description, report }: Lowering,
  { loadBalancer }: Known,
): KubernetesPlan["externalTrafficPolicy"] {
  const proxied = loadBalancer.ports.some(({ proxyProtocol }) => proxyProtocol !== "none");
  const own = description.get("kubernetes").get("externalTrafficPolicy");
  const described = own.value;
  const reads = loadBalancer.kind === "http";
  if (described === "Cluster" && reads && loadBalancer.ports.length > 0)
    report({
      code: "traffic-policy-hides-clients",
      severity: "warning",
      what: "`externalTrafficPolicy: Cluster` replaces the source address of connections",
      why: "A node forwards every connection with its own address as source. `sources` would have to contain the nodes, and HAProxy would trust the X-Forwarded-For of any client that reaches a node's port.",
      remedy: "Write `externalTrafficPolicy: Local`, or remove the line.",
      path: ["kubernetes", "externalTrafficPolicy"],
    });
  if (described !== undefined) return given(own, described);
  const proxy = { at: description.get("public").get("loadBalancer").get("proxyProtocol").at() };
  return proxied
    ? chosen("Cluster", "every node serves; the PROXY header carries the client address", proxy)
    : chosen(
        "Local",
        reads
          ? "keeps the load balancer's address, which HAProxy trusts"
          : "keeps the client address; nodes without a pod get no traffic",
        proxy,
      );
}

function lowerAutoscale(
  { edge, described, report }: Lowering,
  workload: string,
): KubernetesPlan["autoscale"] {
  const replicas = edge.kubernetes?.replicas;
  if (typeof replicas !== "object" || workload === "DaemonSet") return null;
  if (replicas.min > replicas.max)
    report({
      code: "invalid-replica-range",
      what: `the minimum of ${replicas.min} pods is above the maximum of ${replicas.max}`,
      why: "Kubernetes rejects an autoscaler whose `minReplicas` is above `maxReplicas`.",
      remedy: `Write \`replicas: { min: ${replicas.max}, max: ${replicas.min} }\`.`,
      path: ["kubernetes", "replicas"],
    });
  const cpu = edge.kubernetes?.resources?.cpu;
  if (cpu !== undefined && /^[0.]+$/.test(cpu))
    report({
      code: "autoscaler-without-cpu",
      what: `the autoscaler measures CPU in percent of the request, and the request is ${cpu}`,
      why: "Kubernetes cannot compute the percentage, and the number of pods never changes.",
      remedy: "Remove `cpu`, or request CPU: `cpu: 500m`.",
      path: ["kubernetes", "resources", "cpu"],
    });
  return {
    min: replicas.min,
    max: replicas.max,
    cpuPercent: decide(
      described.get("kubernetes").get("replicas").get("cpu"),
      DEFAULTS.kubernetes.autoscalerCpu,
      "leaves spare capacity until a new pod is ready",
    ),
  };
}

function lowerProbes(
  { described: description, report }: Lowering,
  { stats }: Known,
): KubernetesPlan["probes"] {
  const readiness = description.get("kubernetes").get("readiness");
  if (readiness.value === "stats" && stats === null)
    report({
      code: "readiness-without-stats",
      what: "`readiness: stats` uses the stats port, and `stats: false` closes it",
      why: "No pod would become ready.",
      remedy: "Remove `readiness: stats` or `stats: false`.",
      path: ["kubernetes", "readiness"],
    });
  return {
    readiness: decide(
      readiness,
      DEFAULTS.kubernetes.readiness,
      "fails as soon as HAProxy is stopping, unlike a TCP probe",
    ),
    readinessPeriodS: chosen(2, "a ready pod gets requests within 2 s"),
    readinessFailures: chosen(3, "6 s; tolerates two failed probes"),
    startupSeconds: chosen(60, "10,000 backends load in 1 s; a busy node takes longer"),
    livenessPeriodS: chosen(10, "the kubelet detects an exited process without a probe"),
    livenessFailures: chosen(6, "60 s: a restart of a busy HAProxy adds load"),
  };
}

function lowerResources(lowering: Lowering, { limits }: Known): KubernetesPlan["resources"] {
  const described = lowering.described.get("kubernetes").get("resources");
  const needed = limits.memoryBytes.value;
  const request = decideOr(
    described.get("memory").map(parseSizeBytes),
    chosen(needed, `for ${limits.maxConnections.value} connections`, limits.memoryBytes),
  );
  if (request.value < needed / 2)
    lowering.report({
      code: "memory-too-low",
      severity: "warning",
      what: `the pod has ${described.value?.memory} of memory, and ${limits.maxConnections.value} connections need up to ${Math.round(needed / MIB)} MiB`,
      why: "If many clients read slowly, the kernel kills HAProxy with all its connections.",
      remedy: `Request ${Math.round(needed / MIB)}MiB, or lower \`limits.maxConnections\`.`,
      path: ["kubernetes", "resources", "memory"],
    });
  return {
    cpuRequest: decide(
      described.get("cpu"),
      DEFAULTS.kubernetes.cpu,
      "about 5,000 requests/s; no CPU limit, to avoid throttling",
    ),
    memoryRequest: request,
    memoryLimit: chosen(
      Math.ceil((1.25 * Math.max(request.value, needed)) / (16 * MIB)) * 16 * MIB,
      "25 % above what all connections need",
      request,
      limits.memoryBytes,
    ),
  };
}

/** Each once, in the order of the backends. */
function authoritiesOf(backends: readonly BackendPlan[]): KubernetesPlan["authorities"] {
  const found = backends.flatMap(({ tls, at }) =>
    tls === null || tls.verify === "none" || tls.verify.from === null
      ? []
      : [{ ...tls.verify.from, file: tls.verify.caFile, at }],
  );
  return [...new Map(found.map((one) => [one.file, one])).values()];
}
