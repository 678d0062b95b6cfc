// The Services: for the load balancer, for in-cluster clients, and one that names every pod.
import type { Service, ServicePort } from "kubernetes-types/core/v1.d.ts";
import { partOf } from "../../plan/places.ts";
import type { Decided, Plan } from "../../plan/plan.ts";
import { placeOf } from "../file.ts";
import { each, type Manifest, step } from "./manifest.ts";
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
  const annotations = loadBalancer.service?.annotations ?? [];
  const ranges = loadBalancer.service?.sourceRanges ?? { value: [], because: "" };
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
        type: fixed ? "NodePort" : "LoadBalancer",
        externalTrafficPolicy: externalTrafficPolicy.value,
        ...(ranges.value.length > 0 && { loadBalancerSourceRanges: [...ranges.value] }),
        ports: ports.map(({ name: target, port, nodePort }) => ({
          name: target,
          port: port.value,
          targetPort: target,
          ...(fixed && { nodePort: nodePort.value }),
        })),
      },
      annotations,
    ),
    because: {
      ...Object.fromEntries(annotations.map((one) => [`/metadata/annotations${step(one.name)}`, one])),
      ...(ranges.value.length > 0 && { "/spec/loadBalancerSourceRanges": ranges }),
      "/spec/type": exposure,
      "/spec/externalTrafficPolicy": externalTrafficPolicy,
      ...each(
        "/spec/ports",
        ports.map(({ port }) => placeOf(port)),
        "/port",
      ),
      ...(fixed &&
        each(
          "/spec/ports",
          ports.map(({ nodePort }) => nodePort),
          "/nodePort",
        )),
    },
  };
}

/** Not behind the load balancer: only for pods of the cluster. */
function internalManifest(plan: Plan, called: Decided<string>): Manifest {
  const { listeners, stats, kubernetes } = plan;
  const serves = listeners.some(({ name }) => name === "internal");
  const ports: readonly ServicePort[] = [
    ...(serves ? [{ name: "internal", port: kubernetes.internalPort.value, targetPort: "internal" }] : []),
    ...(stats === null || stats.public
      ? []
      : [{ name: "stats", port: stats.port.value, targetPort: "stats" }]),
  ];
  return {
    file: "service.yaml",
    about: serves ? "For in-cluster clients." : "The stats page, in-cluster only.",
    ...partOf(plan, serves ? "internal" : "stats"),
    object: service(plan, called.value, { type: "ClusterIP", ports: [...ports] }),
    because: {
      "/metadata/name": called,
      ...(serves && { "/spec/ports/0/port": kubernetes.internalPort }),
      ...(stats?.public === false && { [`/spec/ports/${ports.length - 1}/port`]: placeOf(stats.port) }),
    },
  };
}

function metricsManifest(plan: Plan, name: string): Manifest {
  return {
    file: "service-pods.yaml",
    about: "Headless: lists every ready pod for metrics collectors (/metrics on the health port).",
    object: service(plan, name, {
      type: "ClusterIP",
      clusterIP: "None",
      ports: [{ name: "health", port: plan.health.port.value, targetPort: "health" }],
    }),
    because: { "/spec/ports/0/port": placeOf(plan.health.port) },
  };
}

function service(
  plan: Plan,
  name: string,
  spec: NonNullable<Service["spec"]>,
  annotations: readonly { readonly name: string; readonly value: string }[] = [],
): Service {
  const written = Object.fromEntries(annotations.map((one) => [one.name, one.value]));
  return {
    apiVersion: "v1",
    kind: "Service",
    metadata: { ...metadata(plan, name), ...(annotations.length > 0 && { annotations: written }) },
    spec: { ...spec, selector: selector(plan) },
  };
}
