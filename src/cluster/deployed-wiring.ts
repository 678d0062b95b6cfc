// The edge that the cluster runs now, read from its live objects as from any manifests.
import type { ConfigMap, PodSpec } from "kubernetes-types/core/v1.d.ts";
import type { TextFile } from "../emit/file.ts";
import type { ExternalLoadBalancer } from "../lab/external-load-balancer.ts";
import type { Plan } from "../plan/plan.ts";
import type { LoadBalancerListener } from "../wiring/cloud.ts";
import type { HaproxyProxy } from "../wiring/haproxy/wiring.ts";
import { readWiring } from "../wiring/read-wiring.ts";
import { pathOfNodePort, trafficPathsOf } from "../wiring/traffic-paths.ts";
import type { TrafficPath, Wiring } from "../wiring/wiring.ts";
import { knownValue } from "../wiring/written.ts";
import type { ClusterApi } from "./api.ts";
import { failedWith } from "./failure.ts";
import type { KubernetesObject } from "./objects.ts";
import { isWorkload, type Workload } from "./workload.ts";

/** Kinds that decide which connections reach the pods. */
const IN_FRONT = [
  { apiVersion: "v1", kind: "Service" },
  { apiVersion: "networking.k8s.io/v1", kind: "NetworkPolicy" },
] as const;

/**
 * The workload of `rendered` as it is in the cluster, its ConfigMaps, and the Services and NetworkPolicies of its namespace;
 * undefined: there is no such workload. Rejects with ClusterFailure.
 */
export async function liveObjects(
  api: ClusterApi,
  { namespace }: Plan,
  rendered: readonly KubernetesObject[],
): Promise<readonly KubernetesObject[] | undefined> {
  const named = rendered.find(isWorkload);
  const workload = named === undefined ? undefined : await api.find<Workload>(named);
  if (workload === undefined) return undefined;
  const [configMaps, ...inFront] = await Promise.all([
    configMapsOf(api, workload),
    ...IN_FRONT.map((kind) => listed(api, kind, namespace)),
  ]);
  return [workload, ...configMaps, ...inFront.flat()];
}

async function listed(
  api: ClusterApi,
  kind: (typeof IN_FRONT)[number],
  namespace: string,
): Promise<readonly KubernetesObject[]> {
  try {
    return await api.list<KubernetesObject>(kind, namespace);
  } catch (error) {
    // Where the edge has no such object, a deploy needs no right to list them.
    if (failedWith(error, 403)) return [];
    throw error;
  }
}

async function configMapsOf(api: ClusterApi, workload: Workload): Promise<readonly KubernetesObject[]> {
  const spec: PodSpec | undefined = workload.spec?.template.spec;
  const names = (spec?.volumes ?? []).flatMap(({ configMap, projected }) => [
    configMap?.name,
    ...(projected?.sources ?? []).map((source) => source.configMap?.name),
  ]);
  const { namespace = "" } = workload.metadata;
  const found = await Promise.all(
    [...new Set(names)].map((name) =>
      name === undefined
        ? undefined
        : api.find<ConfigMap & KubernetesObject>({
            apiVersion: "v1",
            kind: "ConfigMap",
            metadata: { name, namespace },
          }),
    ),
  );
  return found.filter((one) => one !== undefined);
}

/**
 * The wiring of live objects behind the load balancer of the description: a cluster does not tell what is in front of its nodes. Ports
 * of Services have the node ports that `rendered` gives them, and the load balancer sends the client address as the running HAProxy
 * expects it, by the PROXY protocol or in a header: when both change, the load balancer is changed together with the cluster.
 */
export async function deployedWiring(
  live: readonly KubernetesObject[],
  rendered: readonly KubernetesObject[],
  cloud: readonly TextFile[],
): Promise<Wiring> {
  const wiring = await readWiring([
    ...live.map((object) => ({
      file: `${object.kind} ${object.metadata.name}.json`,
      text: JSON.stringify(withNodePorts(object, rendered)),
    })),
    ...cloud.map(({ path, content }) => ({ file: path, text: content })),
  ]);
  const { trafficPaths, ...parts } = wiring;
  const loadBalancers = parts.loadBalancers.map((one) =>
    one.kind === "service"
      ? one
      : { ...one, listeners: one.listeners.map((listener) => asExpected(listener, trafficPaths)) },
  );
  return { ...parts, loadBalancers, trafficPaths: trafficPathsOf({ ...parts, loadBalancers }) };
}

function asExpected(
  listener: LoadBalancerListener,
  trafficPaths: readonly TrafficPath[],
): LoadBalancerListener {
  const path = trafficPaths.find((one) => one.listener === listener && one.bind !== undefined);
  if (path === undefined) return listener;
  const proxyProtocol = proxyProtocolTo(path, knownValue(listener.proxyProtocol) ?? "none");
  const protocol = protocolTo(path, knownValue(listener.protocol));
  return {
    ...listener,
    proxyProtocol: { value: proxyProtocol, at: undefined },
    ...(protocol === undefined ? {} : { protocol: { value: protocol, at: undefined } }),
  };
}

/** A HAProxy that takes the client address from a header runs behind a load balancer that reads requests and writes it. */
function protocolTo<Protocol extends string | undefined>(
  { proxy }: TrafficPath,
  described: Protocol,
): Protocol | "http" | "https" {
  if (!readsAddress(proxy)) return described;
  return described === "tls" || described === "https" ? "https" : "http";
}

function readsAddress(proxy: HaproxyProxy | undefined): boolean {
  return (
    proxy !== undefined &&
    (proxy.section.lines.some(({ tokens }) => tokens[1]?.value === "set-src") || readsAddress(proxy.parent))
  );
}

type ProxyProtocol = ExternalLoadBalancer["proxyProtocol"];

/** The PROXY protocol that a bind expects: the described version where it expects one. */
function proxyProtocolTo({ bind, proxy }: TrafficPath, described: ProxyProtocol): ProxyProtocol {
  if (bind?.acceptProxy !== true && (proxy?.expectProxy.length ?? 0) === 0) return "none";
  return described === "none" ? "v1" : described;
}

/** The same for load balancers that no layer describes. */
export function externalAsExpected(
  wiring: Wiring,
  described: ReadonlyMap<number, ExternalLoadBalancer>,
): ReadonlyMap<number, ExternalLoadBalancer> {
  return new Map(
    [...described].map(([port, one]) => {
      const path =
        one.nodePort === undefined
          ? wiring.trafficPaths.find(({ start, port: own }) => start !== "service" && own === port)
          : pathOfNodePort(wiring, one.nodePort);
      if (path?.bind === undefined) return [port, one];
      const proxyProtocol = proxyProtocolTo(path, one.proxyProtocol);
      return [port, { ...one, proxyProtocol, protocol: protocolTo(path, one.protocol) }];
    }),
  );
}

interface ServicePorts {
  readonly spec?: { readonly ports?: readonly { readonly name?: string; readonly nodePort?: number }[] };
}

function withNodePorts(object: KubernetesObject, rendered: readonly KubernetesObject[]): KubernetesObject {
  const same = rendered.find(
    ({ kind, metadata }) => kind === object.kind && metadata.name === object.metadata.name,
  );
  const { spec } = object as KubernetesObject & ServicePorts;
  const wanted = (same as ServicePorts | undefined)?.spec?.ports;
  if (object.kind !== "Service" || spec?.ports === undefined || wanted === undefined) return object;
  const ports = spec.ports.map((port) => {
    const nodePort = wanted.find(({ name }) => name === port.name)?.nodePort;
    return nodePort === undefined ? port : { ...port, nodePort };
  });
  return { ...object, spec: { ...spec, ports } };
}
