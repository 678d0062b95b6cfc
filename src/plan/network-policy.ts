// Lowering of the NetworkPolicy: the sources of the public ports, and the destinations of HAProxy.
import { isIP } from "node:net";
import { chosen, decideOr, isDescribed } from "./described.ts";
import { containEveryone, EVERYONE } from "./everyone.ts";
import type { Destination, KubernetesPlan } from "./kubernetes-plan.ts";
import type { Lowering } from "./lowering.ts";
import type { Decided, ListenerPlan, LoadBalancerPlan, Plan } from "./plan.ts";
import { wholeNetwork } from "./whole-network.ts";

type Known = Pick<Plan, "backends" | "dns" | "logs" | "listeners" | "loadBalancer">;

/** The port of DNS (RFC 1035 section 4.2). */
const DNS_PORT = 53;

export function lowerNetworkPolicy(
  { edge, described: description, namespace }: Lowering,
  { backends, dns, logs, listeners, loadBalancer }: Known,
): KubernetesPlan["networkPolicy"] {
  const described = edge.kubernetes?.networkPolicy ?? true;
  if (described === false) return null;
  const own = description
    .get("kubernetes")
    .get("networkPolicy")
    .get("publicFrom")
    .map((networks): readonly string[] => networks.map(wholeNetwork));
  const namespaces = new Set<string>();
  const networks = new Map<string, Destination>();
  for (const [name, { service }] of Object.entries(edge.backends ?? {})) {
    if (service !== undefined) {
      namespaces.add(service.split(".")[1] ?? namespace);
      continue;
    }
    const backend = backends.find((one) => one.name === name);
    for (const { host, port } of backend?.servers ?? [])
      for (const cidr of networksOf(host)) networks.set(`${cidr} ${port}`, { cidr, port, at: backend?.at });
  }
  return {
    publicFrom: decideOr(own, sourcesOf(listeners, loadBalancer)),
    backendNamespaces: [...namespaces].sort(),
    backendNetworks: [...networks.values()],
    nameServers: dns.nameServers.value.map((server) => destination(server, DNS_PORT, dns.nameServers)),
    logServer: /^[^/].*:\d+$/.test(logs.to.value) ? destination(logs.to.value, 514, logs.to) : null,
  };
}

/** The policy drops what HAProxy itself refuses on every public port. */
function sourcesOf(
  listeners: readonly ListenerPlan[],
  { sources, ports }: LoadBalancerPlan,
): Decided<readonly string[]> {
  const open = listeners.filter(({ entrance }) => entrance === "public");
  const believed = open.length > 0 && open.every(({ client }) => client.value !== "connection");
  const statsOpen = ports.some(({ listener }) => listener === "stats");
  const anyone = containEveryone(sources.value);
  return believed && !statsOpen && !anyone && isDescribed(sources)
    ? {
        ...sources,
        value: sources.value.map(wholeNetwork),
        because: "the described sources; HAProxy refuses all others",
      }
    : chosen([], "nodes forward with their own address; not restricted here");
}

/** A name may resolve to any address. */
function networksOf(host: string): readonly string[] {
  return isIP(host) === 0 ? EVERYONE : [wholeNetwork(host)];
}

/** `10.0.0.9:514`, `[2001:db8::9]:514`, or an address alone. */
function destination(text: string, byDefault: number, { at }: Pick<Decided<unknown>, "at">): Destination {
  const [, host = text, port] = /^\[?([^[\]]*?)\]?:(\d+)$/.exec(text) ?? [];
  return { cidr: wholeNetwork(host), port: port === undefined ? byDefault : Number(port), at };
}
