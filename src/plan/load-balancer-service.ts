// Lowering of a Service's load balancer: what its provider supports, and the annotations that request it.
import { DEFAULTS } from "../description/defaults.ts";
import { parseDurationMs } from "../description/text.ts";
import type { HealthCheckFact, Provider, ProxyVersion } from "../providers/provider.ts";
import { annotationsFor, providerNamed } from "../providers/providers.ts";
import { chosen, follows, given } from "./described.ts";
import { formatDurationMs } from "./durations.ts";
import type { Lowering } from "./lowering.ts";
import type { Decided, LoadBalancerPlan, LoadBalancerPort, LoadBalancerServicePlan } from "./plan.ts";
import { wholeNetwork } from "./whole-network.ts";

/** HAProxy waits 30 s for a backend: a load balancer with a shorter idle timeout would cut responses. */
const LEAST_IDLE_MS = parseDurationMs(DEFAULTS.loadBalancer.idleTimeout.service);

/** What the load balancer does where nothing is described, and why it has this idle timeout. */
export interface LoadBalancerDefaults {
  readonly proxy: ProxyVersion | "none";
  readonly idleMs: number;
  readonly idle: string;
}

/** The described provider; null: none, or another kind of load balancer. */
export function describedProvider({ described }: Lowering): Provider | null {
  const own = described.get("public").get("loadBalancer");
  const name = own.get("provider").value;
  return name === undefined || own.get("kind").value !== "service" ? null : providerNamed(name);
}

/** The newest version of the PROXY protocol that the provider supports, and its idle timeout. */
export function providersDefaults({ title, idleTimeout, proxy }: Provider): LoadBalancerDefaults {
  const defaults = (idle: string, idleMs = LEAST_IDLE_MS) => ({
    proxy: proxy === undefined ? ("none" as const) : (proxy.versions[0] ?? "v1"),
    idleMs,
    idle,
  });
  if (idleTimeout === undefined) return defaults("the load balancer forwards packets and has no timeout");
  const { defaultS, write } = idleTimeout;
  if (defaultS === undefined) return defaults(`assumed; ${title} does not document it`);
  const ownMs = defaultS * 1000;
  return ownMs >= LEAST_IDLE_MS || write === undefined
    ? defaults(`the default of ${title}`, ownMs)
    : defaults(`the default ${formatDurationMs(ownMs)} of ${title} would cut slow responses`);
}

/** How the provider checks nodes; null: not documented, or no provider is described. */
export function providersCheck(
  { edge }: Lowering,
  provider: Provider | null,
  ports: readonly LoadBalancerPort[],
): HealthCheckFact | null {
  const proxied = ports.some(({ proxyProtocol }) => proxyProtocol !== "none");
  const policy = edge.kubernetes?.externalTrafficPolicy ?? (proxied ? "Cluster" : "Local");
  return provider?.healthCheck[policy] ?? null;
}

export function lowerLoadBalancerService(
  lowering: Lowering,
  { kind, ports, idleTimeoutMs }: Pick<LoadBalancerPlan, "kind" | "ports" | "idleTimeoutMs">,
): LoadBalancerServicePlan | null {
  if (kind !== "service" || ports.length === 0) return null;
  const own = lowering.described.get("public").get("loadBalancer");
  const provider = describedProvider(lowering);
  const internal = own.get("internal").value ?? false;
  const decided =
    provider === null
      ? []
      : annotationsFor(provider, {
          ports: ports.map(({ port, proxyProtocol, protocol, certificate }) => ({
            port: port.value,
            proxy: proxyProtocol,
            certificate: protocol === "tls" ? (certificate ?? undefined) : undefined,
          })),
          internal,
          idleTimeoutS: Math.ceil(idleTimeoutMs.value / 1000),
        }).map(({ name, value, because }) => ({ name, ...chosen(value, because) }));
  const annotations = own.get("annotations");
  const described = Object.entries(annotations.value ?? {}).map(([name, value]) => ({
    name,
    ...given(annotations.get(name), value),
  }));
  for (const { name, value } of described) reportDecided(lowering, { name, value }, decided);
  const names = new Set(decided.map(({ name }) => name));
  return {
    provider: provider?.name ?? null,
    internal,
    annotations: [...decided, ...described.filter(({ name }) => !names.has(name))].sort((a, b) =>
      a.name < b.name ? -1 : 1,
    ),
    sourceRanges: sourceRanges(lowering, provider, ports),
  };
}

/** An annotation that the description writes otherwise than the plan needs it: the two layers would disagree. */
function reportDecided(
  lowering: Lowering,
  given: { readonly name: string; readonly value: string },
  decided: LoadBalancerServicePlan["annotations"],
): void {
  const own = decided.find(({ name }) => name === given.name);
  if (own === undefined || own.value === given.value) return;
  lowering.report({
    code: "conflicting-annotation",
    what: `the annotation \`${given.name}\` conflicts with the value that Portico writes: ${JSON.stringify(own.value)}`,
    why: `HAProxy is configured for that value (${own.because}). With another value, the load balancer and HAProxy would disagree.`,
    remedy: "Remove the annotation, and use the fields of `loadBalancer` instead.",
    path: ["public", "loadBalancer", "annotations", given.name],
  });
}

/** HAProxy checks again: the source ranges of a Service apply to all of its ports. */
function sourceRanges(
  { described }: Lowering,
  provider: Provider | null,
  ports: readonly LoadBalancerPort[],
): Decided<readonly string[]> {
  const allow = described.get("public").get("allow");
  const none = (because: string) => chosen([], because);
  if (allow.value === undefined || allow.value.length === 0) return none("all clients may connect");
  if (provider === null) return none("HAProxy checks clients: no provider is described");
  if (provider.sourceRanges !== true)
    return none(`HAProxy checks clients: ${provider.title} documents no source ranges`);
  if (ports.some(({ listener }) => listener === "stats"))
    return none("HAProxy checks clients: the Service has the stats page too");
  return follows(allow, allow.value.map(wholeNetwork), "`public.allow`");
}
