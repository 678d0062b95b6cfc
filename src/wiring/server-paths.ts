// Follows HAProxy's connections to its servers: name, Service, selector, pods and container ports, with the policies on both sides.
import { isRecord, valueAt } from "../source/data.ts";
import { composePathsOf } from "./compose/server-paths.ts";
import type { HaproxyProxy, HaproxyServer } from "./haproxy/wiring.ts";
import type { Selection } from "./join/select.ts";
import { type ServiceName, serviceNameOf } from "./join/service-name.ts";
import { withKnownAddress } from "./known-address.ts";
import { type ClusterDomains, clusterDomainsOf } from "./kubernetes/cluster-domain.ts";
import { endpointsOf, type SliceIndex, slicesByService } from "./kubernetes/endpoints.ts";
import { titleOf } from "./kubernetes/fields.ts";
import { writtenNamespace } from "./kubernetes/policy.ts";
import { type PolicyView, policyView } from "./policy-view.ts";
import { familyBreakOf } from "./server-families.ts";
import type { ServerBreak, ServerPath } from "./server-path.ts";
import { listeningOn, podsOfName, type Target, targetOf } from "./server-target.ts";
import { hasTemplates } from "./templates.ts";
import type { HaproxyLayer, Service, Wiring, Workload } from "./wiring.ts";

export type ServerPathParts = Pick<
  Wiring,
  "services" | "workloads" | "networkPolicies" | "objects" | "haproxies" | "leftOut"
>;

/** Paths of servers with a name or the address of a Service; several paths of one server if its Service selects several workloads. */
export function serverPathsOf(wiring: ServerPathParts, selection: Selection): readonly ServerPath[] {
  const services = Map.groupBy(wiring.services, ({ name }) => name);
  const running = new Set(wiring.haproxies.map(({ runBy }) => runBy?.workload));
  const view: View = {
    wiring,
    selection,
    services,
    byAddress: new Map(wiring.services.flatMap((one) => (one.clusterIp ? [[one.clusterIp, one]] : []))),
    namespaces: namespacesOf(wiring, selection),
    slices: slicesByService(wiring.objects),
    domains: clusterDomainsOf(wiring.objects),
    policies: policyView(wiring),
    scaled: scaledIn(wiring),
    unselected: Map.groupBy(
      wiring.workloads.filter((one) => !running.has(one) && selection.servicesOf(one).length === 0),
      ({ namespace }) => namespace,
    ),
    others: Map.groupBy(
      wiring.workloads.filter((one) => !running.has(one)),
      ({ namespace }) => namespace,
    ),
  };
  return wiring.haproxies.flatMap((haproxy) =>
    haproxy.wiring.proxies.flatMap((proxy) =>
      proxy.servers
        .filter(({ kind, disabled }) => kind === "proxy" && !disabled)
        .flatMap((server) => pathsOf(view, { haproxy, proxy, server: withKnownAddress(haproxy, server) })),
    ),
  );
}

interface View {
  readonly wiring: ServerPathParts;
  readonly selection: Selection;
  readonly services: ReadonlyMap<string, readonly Service[]>;
  readonly byAddress: ReadonlyMap<string, Service>;
  readonly namespaces: ReadonlySet<string>;
  readonly slices: SliceIndex;
  readonly domains: ClusterDomains;
  readonly policies: PolicyView;
  /** `NAMESPACE/NAME` of what a ScaledObject or an autoscaler scales. */
  readonly scaled: ReadonlySet<string>;
  /** Workloads that run no HAProxy, by namespace: those that no Service selects, and all. */
  readonly unselected: ReadonlyMap<string, readonly Workload[]>;
  readonly others: ReadonlyMap<string, readonly Workload[]>;
}

interface From {
  readonly haproxy: HaproxyLayer;
  readonly proxy: HaproxyProxy;
  readonly server: HaproxyServer;
}

/**
 * Namespaces whose Services should be in the folder, because it contains objects of them. In HAProxy's own namespace, HAProxy's objects do
 * not count: servers are often in other folders.
 */
function namespacesOf(
  { objects, services, workloads, haproxies }: ServerPathParts,
  selection: Selection,
): ReadonlySet<string> {
  const running = new Set(haproxies.flatMap(({ runBy }) => runBy?.workload ?? []));
  const edges = new Set([...running].map(({ namespace }) => namespace));
  const others = [
    ...objects.filter(({ namespace }) => !edges.has(namespace)),
    ...workloads.filter((one) => !running.has(one)).map(({ object }) => object),
    ...services
      .filter((one) => !selection.workloadsOf(one).some((workload) => running.has(workload)))
      .map(({ object }) => object),
  ];
  return new Set(others.flatMap((object) => writtenNamespace(object) ?? []));
}

function broken(path: From & Omit<ServerPath, "brokenAt">, brokenAt: ServerBreak): readonly ServerPath[] {
  return [{ ...path, brokenAt }];
}

function pathsOf(view: View, from: From): readonly ServerPath[] {
  const { haproxy, server } = from;
  const { address } = server;
  const workload = haproxy.runBy?.workload;
  if (workload?.compose !== undefined) return composePathsOf(from, workload.compose);
  if (address.kind === "ipv4" || address.kind === "ipv6") {
    const service = view.byAddress.get(address.host);
    return service === undefined
      ? outside(view, from, address.host)
      : toService(view, from, service, undefined);
  }
  if (address.kind !== "name" || address.host === "localhost") return [];
  const dns = workload && view.policies.blocksDns(workload);
  if (dns !== undefined)
    return broken(from, {
      fault: "dns-blocked",
      effect: "unresolved",
      because: `${titleOf(dns.object)} allows no DNS query of ${titleOf((workload as Workload).object)}`,
      at: dns.at,
      policy: dns,
    });
  const name = serviceNameOf(address.host, { inPod: workload !== undefined });
  return name === undefined ? outside(view, from) : toName(view, from, name, 0);
}

/** Servers outside of the cluster: only the edge's own policies apply. */
function outside(view: View, from: From, address?: string): readonly ServerPath[] {
  const workload = from.haproxy.runBy?.workload;
  const port = from.server.address.ports?.from;
  if (workload === undefined || port === undefined || from.server.address.ports?.relative !== undefined)
    return [];
  const policy = view.policies.blocksEgress(
    workload,
    { kind: "outside", address },
    { protocol: "TCP", port },
  );
  return policy === undefined
    ? []
    : broken(from, {
        fault: "egress-blocked",
        effect: "timeout",
        because: `${titleOf(policy.object)} allows no connection of ${titleOf(workload.object)} to port ${port}`,
        at: policy.at,
        policy,
      });
}

function toName(view: View, from: From, name: ServiceName, depth: number): readonly ServerPath[] {
  const { address } = from.server;
  const own = from.haproxy.runBy?.workload;
  const other = inOtherDomain(view, from, name);
  if (other !== undefined) return broken(from, other);
  const named = view.services.get(name.service) ?? [];
  const namespace = name.namespace ?? own?.namespace ?? "default";
  const service = serviceIn(named, namespace);
  // `app.web` may be a host of the network; a pod's search list makes `app` a Service of its namespace.
  if (service === undefined && /^[^.]+\.[^.]+$/.test(address.host)) return outside(view, from);
  if (service === undefined) return missing(view, from, name, namespace);
  if (!name.isComplete && from.server.resolvers !== undefined && depth === 0)
    return broken(
      { ...from, service },
      {
        fault: "incomplete-name",
        effect: "nxdomain",
        because: `HAProxy resolves ${address.host} without a search list`,
        at: address.at,
      },
    );
  return toService(view, from, service, name, depth);
}

/** No DNS server outside of the cluster resolves names in `.local` (RFC 6762 section 3). Other domains may be those of another cluster. */
function inOtherDomain(
  { domains: { own, mayResolve } }: View,
  { server: { address } }: From,
  { domain }: ServiceName,
): ServerBreak | undefined {
  const [first] = own;
  if (domain === undefined || first === undefined || !domain.endsWith(".local") || mayResolve(domain))
    return undefined;
  return {
    fault: "other-domain",
    effect: "nxdomain",
    because: `the domain of the cluster is \`${first.value}\`, not \`${domain}\``,
    at: first.at ?? address.at,
  };
}

/** The command that applies objects without a namespace sets it: it may be any. */
function serviceIn(named: readonly Service[], namespace: string): Service | undefined {
  return (
    named.find((one) => one.namespace === namespace) ??
    named.find(({ object }) => writtenNamespace(object) === undefined)
  );
}

function missing(view: View, from: From, { service }: ServiceName, namespace: string): readonly ServerPath[] {
  const isHere = view.namespaces.has(namespace) && !hasTemplates(view.wiring.leftOut);
  // `app` may be a name of the network that a resolver outside of the cluster knows.
  if (!isHere && !from.server.address.host.includes(".svc")) return outside(view, from);
  return broken(from, {
    fault: isHere ? "service-missing" : "namespace-unknown",
    effect: isHere ? "nxdomain" : undefined,
    because: isHere
      ? `the Service ${namespace}/${service} is not here`
      : `no object of an application in the namespace ${namespace} is here`,
    at: from.server.address.at,
  });
}

function toService(
  view: View,
  from: From,
  service: Service,
  name: ServiceName | undefined,
  depth = 0,
): readonly ServerPath[] {
  const path = { ...from, service };
  if (service.type === "ExternalName") return toAlias(view, path, service, depth);
  const family = familyBreakOf(from, service);
  if (family !== undefined) return broken(path, family);
  const target = targetOf(from.server, service, name);
  if ("brokenAt" in target) return broken(path, target.brokenAt);
  const { servicePort } = target;
  const onward = { ...path, servicePort };
  if (service.selector === undefined) return toEndpoints(view, onward, service, target);
  const workloads = view.selection.workloadsOf(service);
  if (workloads.length === 0) return broken(onward, withoutPods(view, service));
  const paths = workloads.map((workload) => toPods(view, { ...onward, workload }, service, target, name));
  // One workload that serves is enough for a name of one pod.
  const served = paths.filter(({ brokenAt }) => brokenAt === undefined);
  return name?.pod !== undefined && served.length > 0 ? served : paths;
}

/** "ExternalName … no proxying of any kind is set up" (Kubernetes API, ServiceSpec): ports are not mapped. */
function toAlias(
  view: View,
  path: From & { readonly service: Service },
  service: Service,
  depth: number,
): readonly ServerPath[] {
  const port = path.server.address.ports?.from;
  const mapped = service.ports.find((one) => one.port.value === port && one.targetPort.value !== port);
  const alias = service.externalName;
  if (alias === undefined || depth > 4) return [];
  if (mapped !== undefined)
    return broken(path, {
      fault: "pod-port-missing",
      effect: "refused",
      because: `${titleOf(service.object)} is an alias and maps no port: connections go to port ${port} of ${alias.value}, not to ${mapped.targetPort.value}`,
      at: mapped.targetPort.at ?? mapped.at,
    });
  const next = serviceNameOf(alias.value, { inPod: false });
  return next === undefined ? outside(view, path) : toName(view, path, next, depth + 1);
}

/** Endpoints of a Service without a selector are objects of their own. */
function toEndpoints(
  view: View,
  path: From & Omit<ServerPath, "brokenAt">,
  service: Service,
  { servicePort }: Target,
): readonly ServerPath[] {
  const endpoints = endpointsOf(view.slices, service);
  if (endpoints === undefined) {
    const because = `${titleOf(service.object)} has no selector, and its endpoints are not here`;
    return broken(path, { fault: "pods-unknown", effect: undefined, because, at: service.at });
  }
  const fault = endpoints.faultOf(service, servicePort);
  if (fault === undefined) return [path];
  const effect = service.headless ? "nxdomain" : "refused";
  return broken(path, { fault: "no-endpoints", effect, ...fault });
}

/** Whether this is certain depends on the other files: pods of operators and of other folders have no workload. */
function withoutPods({ unselected, others }: View, service: Service): ServerBreak {
  const at = service.object.place(["spec", "selector"], { key: true }) ?? service.at;
  const keys = Object.entries(service.selector ?? {});
  const isLike = ({ labels }: Workload): boolean =>
    keys.length > 1 && keys.some(([key, value]) => labels[key] === value);
  const like =
    unselected.get(service.namespace)?.[0] ??
    others.get(service.namespace)?.find(isLike) ??
    [...unselected.values()][0]?.[0];
  if (like === undefined)
    return {
      fault: "pods-unknown",
      effect: undefined,
      because: `the pods of ${titleOf(service.object)} are not here`,
      at,
    };
  const where = like.namespace === service.namespace ? "" : ` of namespace ${service.namespace}`;
  return {
    fault: "no-endpoints",
    effect: service.headless ? "nxdomain" : "refused",
    because: `${titleOf(service.object)} selects no pod${where}: those of ${titleOf(like.object)} have ${where === "" ? "other labels" : "another namespace"}`,
    at,
  };
}

function toPods(
  view: View,
  path: From & Omit<ServerPath, "brokenAt"> & { readonly workload: Workload },
  service: Service,
  target: Target,
  name: ServiceName | undefined,
): ServerPath {
  const { workload } = path;
  const effect = service.headless ? ("nxdomain" as const) : ("refused" as const);
  const scaled = view.scaled.has(`${workload.namespace}/${workload.name}`);
  const pods = podsOfName(service, workload, name, scaled);
  if (pods !== undefined) return { ...path, brokenAt: { effect, ...pods } };
  const port = listeningOn(service, workload, target, binds(view.wiring, workload));
  const onward = { ...path, ...port };
  const edge = path.haproxy.runBy?.workload;
  const blocked = edge && port.podPort !== undefined && view.policies.blocks(edge, workload, port.podPort);
  return blocked ? { ...onward, brokenAt: { effect: "timeout", ...blocked } } : onward;
}

/** Ports of the HAProxy that runs in these pods. */
function binds({ haproxies }: ServerPathParts, workload: Workload): readonly number[] {
  return haproxies
    .filter(({ runBy }) => runBy?.workload === workload)
    .flatMap(({ wiring }) => wiring.binds.flatMap(({ address }) => address.ports?.from ?? []));
}

/** What something other than its own file scales: KEDA's ScaledObject, an autoscaler. */
function scaledIn({ objects }: ServerPathParts): ReadonlySet<string> {
  return new Set(
    objects.flatMap(({ data, namespace }) => {
      const target = valueAt(data, ["spec", "scaleTargetRef"]);
      return isRecord(target) && typeof target.name === "string" ? [`${namespace}/${target.name}`] : [];
    }),
  );
}
