// The plan's decisions about the objects, and the values in the manifests.
import type { Plan } from "../../src/plan/plan.ts";
import { matchesLabels } from "../../src/wiring/join/select.ts";
import type { Container, Probe, Service, Wiring, Workload } from "../../src/wiring/wiring.ts";
import { type Fact, fact, said } from "./fact.ts";

export function kubernetesFacts(plan: Plan, wiring: Wiring): readonly Fact[] {
  const { names, workload: kind } = plan.kubernetes;
  const workload = wiring.workloads.find(({ name }) => name === names.edge);
  if (workload === undefined) return fact(`name of the ${kind.value}`, names.edge, null);
  return [
    ...workloadFacts(plan, workload),
    ...[names.publicService, names.internalService?.value ?? null, names.metricsService].flatMap((name) =>
      name === null ? [] : serviceFacts(plan, name, wiring),
    ),
    ...budgetFacts(plan, wiring),
  ];
}

function workloadFacts(plan: Plan, workload: Workload): readonly Fact[] {
  const { kubernetes, drain, replicas, namespace } = plan;
  const [container] = workload.containers;
  const fixed = kubernetes.autoscale === null && kubernetes.workload.value === "Deployment";
  return [
    ...fact("kind of the workload", kubernetes.workload.value, said(workload.kind, workload.at)),
    ...fact("namespace of the workload", namespace, said(workload.namespace, workload.at)),
    ...(fixed ? fact("replicas", replicas.value, workload.replicas, workload.at) : []),
    ...fact("grace period in seconds", drain.gracePeriodS.value, workload.gracePeriodS, workload.at),
    ...(container === undefined
      ? fact("container", "haproxy", null, workload.at)
      : containerFacts(plan, container)),
  ];
}

function containerFacts(plan: Plan, container: Container): readonly Fact[] {
  const { listeners, stats, health, kubernetes, image } = plan;
  const ports = [
    ...listeners.map(({ name, port }) => [name, port.value] as const),
    ...(stats === null ? [] : [["stats", stats.port.value] as const]),
    ["health", health.port.value] as const,
  ];
  const probes = kubernetes.probes;
  return [
    ...ports.flatMap(([name, port]) => {
      const found = container.ports.find((one) => one.name === name);
      return fact(`container port ${name}`, port, found?.port, container.at);
    }),
    ...fact(
      "memory request in bytes",
      kubernetes.resources.memoryRequest.value,
      container.memoryRequestBytes,
      container.at,
    ),
    ...fact(
      "memory limit in bytes",
      kubernetes.resources.memoryLimit.value,
      container.memoryLimitBytes,
      container.at,
    ),
    ...fact("user of the container", image.user.value, container.runAsUser, container.at),
    ...probeFacts("readiness", container.probes.readiness, {
      port: probes.readiness.value,
      path: probes.readiness.value === "health" ? "/ready" : null,
      periodS: probes.readinessPeriodS.value,
      failures: probes.readinessFailures.value,
    }),
    ...probeFacts("liveness", container.probes.liveness, {
      port: "health",
      path: null,
      periodS: probes.livenessPeriodS.value,
      failures: probes.livenessFailures.value,
    }),
    ...probeFacts("startup", container.probes.startup, {
      port: "health",
      path: "/live",
      periodS: 1,
      failures: probes.startupSeconds.value,
    }),
  ];
}

interface PlannedProbe {
  readonly port: string;
  readonly path: string | null;
  readonly periodS: number;
  readonly failures: number;
}

function probeFacts(name: string, found: Probe | undefined, planned: PlannedProbe): readonly Fact[] {
  if (found === undefined) return fact(`${name} probe`, planned.port, null);
  return [
    ...fact(`port of the ${name} probe`, planned.port, found.port, found.at),
    ...fact(`path of the ${name} probe`, planned.path, found.path, found.at),
    ...fact(`period of the ${name} probe`, planned.periodS, found.periodS, found.at),
    ...fact(`failures of the ${name} probe`, planned.failures, found.failures, found.at),
  ];
}

function serviceFacts(plan: Plan, name: string, { services, workloads }: Wiring): readonly Fact[] {
  const { kubernetes, namespace } = plan;
  const service = services.find((one) => one.name === name && one.namespace === namespace);
  if (service === undefined) return fact("Service", `${namespace}/${name}`, null);
  const workload = workloads.find((one) => one.name === kubernetes.names.edge);
  const selects = service.selector !== undefined && matchesLabels(service.selector, workload?.labels ?? {});
  const isPublic = name === kubernetes.names.publicService;
  return [
    ...fact(
      `type of the Service ${name}`,
      isPublic ? kubernetes.exposure.value : "ClusterIP",
      said(service.type, service.at),
    ),
    ...fact(
      `headless Service ${name}`,
      name === kubernetes.names.metricsService,
      said(service.headless, service.at),
    ),
    ...fact(`pods behind the Service ${name}`, true, said(selects, service.at)),
    ...(isPublic
      ? fact(
          "externalTrafficPolicy",
          kubernetes.externalTrafficPolicy.value,
          service.externalTrafficPolicy,
          service.at,
        )
      : []),
    ...(isPublic ? publicPortFacts(plan, service) : internalPortFacts(plan, service)),
    ...(isPublic ? (plan.loadBalancer.service?.annotations ?? []) : []).flatMap((annotation) => {
      const at = service.object.place(["metadata", "annotations", annotation.name]);
      const found = service.annotations[annotation.name];
      return fact(
        `annotation ${annotation.name}`,
        annotation.value,
        found === undefined ? null : said(found, at),
        service.at,
      );
    }),
  ];
}

function publicPortFacts({ loadBalancer, kubernetes }: Plan, service: Service): readonly Fact[] {
  const { http } = loadBalancer.healthCheck;
  const ports = [
    ...loadBalancer.ports,
    ...(http === null ? [] : [{ listener: "check", port: http.port, nodePort: http.nodePort }]),
  ];
  return ports.flatMap(({ listener, port, nodePort }) => {
    const found = service.ports.find(({ name }) => name === listener);
    if (found === undefined)
      return fact(`port ${listener} of the Service ${service.name}`, port.value, null, service.at);
    const of = `of the Service's port ${listener}`;
    return [
      ...fact(`number ${of}`, port.value, found.port, found.at),
      ...fact(`protocol ${of}`, "TCP", said(found.protocol, found.at)),
      ...fact(`target ${of}`, listener, found.targetPort, found.at),
      ...(kubernetes.exposure.value === "NodePort"
        ? fact(`node port ${of}`, nodePort.value, found.nodePort, found.at)
        : []),
    ];
  });
}

function internalPortFacts(
  { kubernetes, stats, health, listeners }: Plan,
  service: Service,
): readonly Fact[] {
  const numbers = new Map<string, number>([
    ...(listeners.some(({ name }) => name === "internal")
      ? [["internal", kubernetes.internalPort.value] as const]
      : []),
    ...(stats === null ? [] : [["stats", stats.port.value] as const]),
    ["health", health.port.value],
  ]);
  return service.ports.flatMap((found) => {
    const name = found.name ?? "";
    const of = `of the port ${name} of the Service ${service.name}`;
    return [
      ...fact(`number ${of}`, numbers.get(name) ?? null, found.port, found.at),
      ...fact(`protocol ${of}`, "TCP", said(found.protocol, found.at)),
      ...fact(`target ${of}`, name, found.targetPort, found.at),
    ];
  });
}

function budgetFacts({ kubernetes, namespace }: Plan, wiring: Wiring): readonly Fact[] {
  const workload = wiring.workloads.find(({ name }) => name === kubernetes.names.edge);
  return wiring.disruptionBudgets
    .filter((one) => one.namespace === namespace)
    .flatMap(({ selector, at }) =>
      fact(
        "pods of the PodDisruptionBudget",
        true,
        said(matchesLabels(selector.labels, workload?.labels ?? {}), at),
      ),
    );
}
