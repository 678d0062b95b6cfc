// Checks before a deploy whether the Services of backends exist, have the port, and have ready pods.
import type { Service } from "kubernetes-types/core/v1.d.ts";
import type { EndpointSlice } from "kubernetes-types/discovery/v1.d.ts";
import type { Finding, Position } from "../findings/finding.ts";
import type { BackendPlan } from "../plan/backend-plan.ts";
import type { Plan } from "../plan/plan.ts";
import type { ClusterApi } from "./api.ts";
import { failedWith } from "./failure.ts";
import type { KubernetesObject } from "./objects.ts";

/** Warnings: HAProxy starts without them, and finds them when they appear. Unreadable objects are left out. */
export async function checkBackendServices(api: ClusterApi, { backends }: Plan): Promise<readonly Finding[]> {
  const named = backends.filter(({ variantOf }) => variantOf === null).flatMap(namedServices);
  const found = await Promise.all(named.map((one) => checkService(api, one)));
  return found.flat();
}

interface NamedService {
  readonly backend: string;
  readonly name: string;
  readonly namespace: string;
  readonly port: number;
  /** Every address of its name is a pod's own: the port is the pods', not the Service's. */
  readonly headless: boolean;
  readonly at: readonly Position[];
}

/** `api.web.svc.cluster.local.`; other names are outside of the cluster. */
const SERVICE_NAME = /^([^.]+)\.([^.]+)\.svc\.[^.]+(\.[^.]+)*\.?$/;

function namedServices({ name: backend, servers, at }: BackendPlan): readonly NamedService[] {
  return servers.flatMap(({ host, port, slots }) => {
    const [, name, namespace] = SERVICE_NAME.exec(host) ?? [];
    return name === undefined || namespace === undefined
      ? []
      : [{ backend, name, namespace, port, headless: slots !== null, at: at === undefined ? [] : [at] }];
  });
}

async function checkService(api: ClusterApi, named: NamedService): Promise<readonly Finding[]> {
  const metadata = { name: named.name, namespace: named.namespace };
  try {
    const service = await api.find<Service & KubernetesObject>({
      apiVersion: "v1",
      kind: "Service",
      metadata,
    });
    if (service === undefined) return [missingService(named)];
    if (service.spec?.type === "ExternalName") return [];
    const slices = await api.list<EndpointSlice & KubernetesObject>(
      { apiVersion: "discovery.k8s.io/v1", kind: "EndpointSlice" },
      named.namespace,
      `kubernetes.io/service-name=${named.name}`,
    );
    const ports = named.headless
      ? slices.flatMap(({ ports: own }) => own ?? []).map(({ port }) => port)
      : (service.spec?.ports ?? []).map(({ port }) => port);
    if (ports.length > 0 && !ports.includes(named.port)) return [otherPort(named, ports)];
    const ready = slices.some(({ endpoints }) =>
      endpoints?.some(({ conditions }) => conditions?.ready !== false),
    );
    return ready ? [] : [withoutPods(named, service)];
  } catch (error) {
    if (failedWith(error, 403)) return [];
    throw error;
  }
}

function missingService({ backend, name, namespace, at }: NamedService): Finding {
  return {
    code: "backend-service-missing",
    severity: "warning",
    what: `the Service ${namespace}/${name}, which the backend ${backend} names, does not exist`,
    why: "Its requests get 503 until the Service exists; HAProxy starts without it, and finds it within seconds.",
    remedy: "Create the Service, or fix `service`: it is `name`, or `name.namespace`.",
    at,
  };
}

function otherPort(
  { backend, name, namespace, port, headless, at }: NamedService,
  ports: readonly (number | undefined)[],
): Finding {
  const has = [...new Set(ports)].join(", ");
  return {
    code: "backend-port-missing",
    severity: "warning",
    what: `the Service ${namespace}/${name} has no port ${port}, which the backend ${backend} uses`,
    why: headless
      ? `With \`endpoints: headless\` HAProxy connects to the pods directly, which listen on ${has}: its requests get 503.`
      : `It has ${has}: connections to any other of its address are refused, and requests get 503.`,
    remedy: `Write \`port: ${ports[0] ?? port}\`, or give the Service that port.`,
    at,
  };
}

function withoutPods({ backend, name, namespace, at }: NamedService, { spec }: Service): Finding {
  const selector = Object.entries(spec?.selector ?? {})
    .map(([label, value]) => `${label}=${value}`)
    .join(",");
  return {
    code: "backend-without-pods",
    severity: "warning",
    what: `no pod behind the Service ${namespace}/${name} of the backend ${backend} is ready`,
    why: "Its requests get 503 until a pod is ready.",
    remedy: `See \`kubectl --namespace ${namespace} get pods${selector === "" ? "" : ` --selector ${selector}`}\`.`,
    at,
  };
}
