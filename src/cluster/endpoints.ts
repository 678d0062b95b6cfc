// The endpoints of an edge in the cluster: its nodes' ports, and port forwards to its pods.
import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import type { Pod, Service } from "kubernetes-types/core/v1.d.ts";
import type { Finding, Outcome } from "../findings/finding.ts";
import { sentence } from "../findings/sentence.ts";
import { LabClient } from "../lab/http/client.ts";
import type { Endpoint } from "../lab/network.ts";
import { forwardedHeaders } from "../lab/simulators/forwarded-headers.ts";
import type { InternalEndpoint, TargetEndpoints } from "../lab/target-endpoints.ts";
import { encodeProxyV1, encodeProxyV2, proxiedAddresses } from "../lab/tcp/proxy-protocol.ts";
import type { Plan, ProxyProtocol } from "../plan/plan.ts";
import type { ClusterApi } from "./api.ts";
import { ClusterFailure } from "./failure.ts";
import { type Forward, openForward } from "./forward.ts";
import { type LogReader, readLogs } from "./log-reader.ts";
import { nodeAddresses } from "./nodes.ts";
import type { KubernetesObject } from "./objects.ts";

export interface EndpointOptions {
  /** Addresses to use instead of the nodes' own: a tunnel's, a bastion's. */
  readonly nodes?: readonly string[];
  /** Ready pods of the version that is tested. */
  readonly pods: readonly Pod[];
  readonly mayForward: boolean;
  readonly mayReadLogs: boolean;
}

export interface ClusterEndpoints {
  readonly endpoints: TargetEndpoints;
  readonly close: () => Promise<void>;
}

const REACHED_WITHIN_MS = 1_500;
const LOGGED_WITHIN_MS = 1_500;
const AGAIN_MS = 1_000;
const TRIES_AGAIN = 5;

/**
 * Tries every node's ports from here. Close it when done. A finding when given addresses do not answer. Rejects with
 * ClusterFailure when the cluster does not answer.
 */
export async function openEndpoints(
  api: ClusterApi,
  plan: Plan,
  options: EndpointOptions,
): Promise<Outcome<ClusterEndpoints>> {
  const logs = await openLogs(api, plan, options);
  let reachable: Reached;
  try {
    reachable = await reachedNodePorts(api, plan, options, logs);
  } catch (error) {
    logs?.close();
    throw error;
  }
  const { nodePorts, noPathReason, servicePorts, unreachable } = reachable;
  if (options.nodes !== undefined && unreachable.length > 0) {
    logs?.close();
    return { findings: [notReached(unreachable, noPathReason)] };
  }
  const forwards = new Map<number, Promise<Forward>>();
  const reached = [...new Set([...nodePorts.values()].flat().map(({ host, port }) => `${host}:${port}`))];
  const value: ClusterEndpoints = {
    endpoints: {
      name: reached[0] ?? "a port forward",
      nodePorts,
      loadBalancer: new Map(),
      ...(options.mayForward && options.pods.length > 0
        ? { inside: insideOf(api, plan, options.pods, forwards) }
        : {}),
      ...(logs === undefined ? {} : { backendOf: logs.backendOf }),
      noPathReason,
      ...(servicePorts === undefined ? {} : { servicePorts }),
    },
    async close() {
      logs?.close();
      const opened = await Promise.allSettled(forwards.values());
      await Promise.all(opened.map((one) => (one.status === "fulfilled" ? one.value.close() : undefined)));
    },
  };
  return { value, findings: [] };
}

function notReached(hosts: readonly string[], why: string): Finding {
  return {
    code: "nodes-unreachable",
    severity: "error",
    what: `the edge does not answer at ${hosts.join(", ")}`,
    why: sentence(why),
    remedy:
      "Correct the addresses, run this where they are reachable, or leave them out to use the nodes' own.",
    at: [],
  };
}

function insideOf(
  api: ClusterApi,
  { namespace }: Plan,
  pods: readonly Pod[],
  forwards: Map<number, Promise<Forward>>,
): (port: number) => Promise<InternalEndpoint> {
  return async (port) => {
    const pod = pods[0]?.metadata?.name ?? "";
    const known = forwards.get(port) ?? openForward(api, { namespace, pod, port });
    forwards.set(port, known);
    const { endpoint, takeFailure } = await known;
    return { to: endpoint, takeFailure };
  };
}

interface Reached {
  /** By listener; without listeners that no node answers for. */
  readonly nodePorts: ReadonlyMap<string, readonly Endpoint[]>;
  readonly noPathReason: string;
  /** The ports of the Service behind the load balancer; undefined: there is none. */
  readonly servicePorts: readonly number[] | undefined;
  /** Hosts that answered on no port. */
  readonly unreachable: readonly string[];
}

async function reachedNodePorts(
  api: ClusterApi,
  plan: Plan,
  options: EndpointOptions,
  logs: LogReader | undefined,
): Promise<Reached> {
  const ports = await nodePortsOf(api, plan);
  const servicePorts = ports.map(({ port }) => port);
  if (ports.length === 0)
    return {
      nodePorts: new Map(),
      noPathReason: "there are no node ports",
      servicePorts: undefined,
      unreachable: options.nodes ?? [],
    };
  const hosts = options.nodes ?? (await nodeAddresses(api, ["ExternalIP", "InternalIP"]));
  const tried = await Promise.all(
    ports.flatMap(({ listener, nodePort }) =>
      hosts.map(async (host) => {
        const endpoint = { host, port: nodePort };
        return {
          listener,
          endpoint,
          reached: await triedAgain(
            () => isReached(plan, listener, endpoint, logs),
            options.nodes !== undefined,
          ),
        };
      }),
    ),
  );
  const nodePorts = new Map<string, Endpoint[]>();
  for (const { listener, endpoint, reached } of tried)
    if (reached === "yes") nodePorts.set(listener, [...(nodePorts.get(listener) ?? []), endpoint]);
  const unreachable = hosts.filter(
    (host) => !tried.some(({ endpoint, reached }) => endpoint.host === host && reached === "yes"),
  );
  return { nodePorts, noPathReason: whyNot(tried.map(({ reached }) => reached)), servicePorts, unreachable };
}

/**
 * Retried before a failure counts: the log may be followed with a delay, and a node's kube-proxy may still forward to a pod that
 * has just ended, which closes the connection as it would for an untrusted source, or may not know a new Service yet: the node refuses the
 * connection.
 */
export async function triedAgain(
  attempt: () => Promise<Reach>,
  given: boolean,
  againMs = AGAIN_MS,
): Promise<Reach> {
  let reached = await attempt();
  if (reached === "another service") return attempt();
  const passes = (reach: Reach) => reach === "untrusted" || reach === "refused" || (given && reach === "no");
  for (let again = 0; passes(reached) && again < TRIES_AGAIN; again++) {
    await sleep(againMs);
    reached = await attempt();
  }
  return reached;
}

/** `no`: no answer, or none that HAProxy would give. */
type Reach = "yes" | "no" | "refused" | "untrusted" | "another service";

function whyNot(tried: readonly Reach[]): string {
  if (tried.includes("untrusted"))
    return "HAProxy accepts connections from the load balancer's networks only (`sources`), and this machine is outside of them";
  if (tried.includes("another service")) return "another service answers at the nodes' addresses from here";
  if (tried.includes("refused")) return "the nodes refuse connections to the node ports";
  return "no node port is reachable from here";
}

interface NodePort {
  readonly listener: string;
  readonly port: number;
  readonly nodePort: number;
}

/** As in the cluster: it may differ from what was rendered. */
async function nodePortsOf(api: ClusterApi, plan: Plan): Promise<readonly NodePort[]> {
  const { kubernetes, loadBalancer, namespace } = plan;
  if (kubernetes.exposure.value === "hostPort")
    return loadBalancer.ports.map(({ listener, port }) => ({
      listener,
      port: port.value,
      nodePort: port.value,
    }));
  const name = kubernetes.names.publicService;
  if (name === null) return [];
  const service = await api.find<Service & KubernetesObject>({
    apiVersion: "v1",
    kind: "Service",
    metadata: { name, namespace },
  });
  return (service?.spec?.ports ?? []).flatMap(({ name: listener = "", port, nodePort }) =>
    nodePort === undefined ? [] : [{ listener, port, nodePort }],
  );
}

/**
 * Whether HAProxy answers there to what the load balancer would send. It closes connections from outside of the load balancer's
 * networks: this machine is then an untrusted source, and cannot simulate the load balancer's clients. A request for a unique
 * path, which the log must show, proves that it is this edge and not another service with the same address.
 */
async function isReached(
  plan: Plan,
  listener: string,
  to: Endpoint,
  logs: LogReader | undefined,
): Promise<Reach> {
  const port = plan.loadBalancer.ports.find((one) => one.listener === listener);
  const proxied = port !== undefined && port.proxyProtocol !== "none";
  const known = plan.listeners.find(({ name }) => name === listener);
  const forwarded = known?.client.value === "x-forwarded-for";
  const target = `/portico-${randomUUID()}`;
  const client = new LabClient({ timeoutMs: REACHED_WITHIN_MS, keepAlive: false });
  try {
    const answer = await client.request({
      to,
      method: "GET",
      target,
      headers: forwarded ? forwardedHeaders([["Host", MARK]], CLIENT) : [["Host", MARK]],
      ...(proxied ? { preamble: headerOf(port.proxyProtocol) } : {}),
      ...(known?.tls != null ? { tls: { verify: false } } : {}),
    });
    if (answer.failed === "reset" || answer.failed === "closed-without-answer")
      return proxied || forwarded ? "untrusted" : "no";
    if (answer.failed === "refused") return "refused";
    if (answer.failed !== undefined) return answer.failed === "tls" ? "yes" : "no";
    if (logs === undefined || known === undefined) return "yes";
    const logged = await logs.backendOf(
      { method: "GET", host: MARK, target, client: null },
      LOGGED_WITHIN_MS,
    );
    return logged.unknown === undefined ? "yes" : "another service";
  } catch (error) {
    // This machine has no route to such an address: ENETUNREACH, EHOSTUNREACH.
    if (error instanceof Error && "syscall" in error) return "no";
    throw error;
  } finally {
    client.close();
  }
}

/** A host that no site has (RFC 6761 section 6.4). */
const MARK = "portico.invalid";

/** The client address that the load balancer would report. */
const CLIENT = { client: "203.0.113.7", scheme: "http", port: 80 } as const;

function headerOf(proxy: ProxyProtocol): Buffer {
  const addresses = proxiedAddresses(CLIENT.client, 40_000, "198.51.100.1", 80);
  return proxy === "v2" ? encodeProxyV2(addresses) : encodeProxyV1(addresses);
}

async function openLogs(
  api: ClusterApi,
  { logs, namespace }: Plan,
  { pods, mayReadLogs }: EndpointOptions,
): Promise<LogReader | undefined> {
  if (!mayReadLogs || logs.format !== "json") return undefined;
  // A remote syslog server gets the lines; the container's own rsyslogd writes them to stdout.
  if (logs.to.value !== "stdout" && !logs.to.value.startsWith("/")) return undefined;
  try {
    return await readLogs(
      api,
      namespace,
      pods.map(({ metadata }) => metadata?.name ?? ""),
    );
  } catch (error) {
    if (error instanceof ClusterFailure) return undefined;
    throw error;
  }
}
