// The Services: for the load balancer, for in-cluster clients, and one that names every pod.
import type { Service, ServicePort } from "kubernetes-types/core/v1.d.ts";
import { partOf } from "../../plan/places.ts";
import type { Decided, LoadBalancerServicePlan, Plan } from "../../plan/plan.ts";
import { because, decided, type Manifest, placed } from "./manifest.ts";
import { metadata, selector } from "./metadata.ts";

export function services(plan: Plan): readonly Manifest[] {
  const { publicService, internalService, metricsService } = plan.kubernetes.names;
  return [
    ...(publicService === null ? [] : [publicManifest(plan, publicService)]),
    ...(internalService === null ? [] : [internalManifest(plan, internalService)]),
    metricsManifest(plan, metricsService),
  ];
}

/** The controller of a LoadBalancer Service allocates its node ports. */
function publicManifest(plan: Plan, name: string): Manifest {
  const { loadBalancer, kubernetes } = plan;
  const { exposure, externalTrafficPolicy } = kubernetes;
  const fixed = exposure.value === "NodePort";
  const { annotations = [], sourceRanges } = loadBalancer.service ?? {};
  const check = loadBalancer.healthCheck.http;
  const ports = [
    ...loadBalancer.ports.map(({ listener, port, nodePort }) => ({ name: listener, port, nodePort })),
    ...(check === null ? [] : [{ name: "check", port: check.port, nodePort: check.nodePort }]),
  ];
  return {
    file: "service-public.yaml",
    about: "Ports of the load balancer, and no others.",
    ...partOf(plan, "public.loadBalancer"),
    object: service(
      plan,
      name,
      {
        type: because(fixed ? "NodePort" : "LoadBalancer", exposure),
        externalTrafficPolicy: decided(externalTrafficPolicy),
        ...(sourceRanges !== undefined &&
          sourceRanges.value.length > 0 && {
            loadBalancerSourceRanges: because([...sourceRanges.value], sourceRanges),
          }),
        ports: ports.map(({ name: target, port, nodePort }) => ({
          name: target,
          port: placed(port),
          targetPort: target,
          ...(fixed && { nodePort: decided(nodePort) }),
        })),
      },
      annotations,
    ),
  };
}

/** Not behind the load balancer: only for pods of the cluster. */
function internalManifest(plan: Plan, called: Decided<string>): Manifest {
  const { listeners, stats, kubernetes } = plan;
  const serves = listeners.some(({ name }) => name === "internal");
  const ports: ServicePort[] = [
    ...(serves ? [{ name: "internal", port: decided(kubernetes.internalPort), targetPort: "internal" }] : []),
    ...(stats?.public === false ? [{ name: "stats", port: placed(stats.port), targetPort: "stats" }] : []),
  ];
  return {
    file: "service.yaml",
    about: serves ? "For in-cluster clients." : "The stats page, in-cluster only.",
    ...partOf(plan, serves ? "internal" : "stats"),
    object: service(plan, decided(called), { type: "ClusterIP", ports }),
  };
}

function metricsManifest(plan: Plan, name: string): Manifest {
  return {
    file: "service-pods.yaml",
    about: "Headless: lists every ready pod for metrics collectors (/metrics on the health port).",
    object: service(plan, name, {
      type: "ClusterIP",
      clusterIP: "None",
      ports: [{ name: "health", port: placed(plan.health.port), targetPort: "health" }],
    }),
  };
}

function service(
  plan: Plan,
  name: string,
  spec: NonNullable<Service["spec"]>,
  annotations: LoadBalancerServicePlan["annotations"] = [],
): Service {
  const written = Object.fromEntries(annotations.map((one) => [one.name, decided(one)]));
  return {
    apiVersion: "v1",
    kind: "Service",
    metadata: { ...metadata(plan, name), ...(annotations.length > 0 && { annotations: written }) },
    spec: { ...spec, selector: selector(plan) },
  };
}
