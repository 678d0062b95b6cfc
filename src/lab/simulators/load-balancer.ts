// Simulates what an AWS classic ELB (TCP and SSL listeners) and an NLB (TCP and TLS) do to a connection,
// and what an ALB (HTTP and HTTPS) does to a request.
//
// | | classic ELB | NLB | ALB |
// | --- | --- | --- | --- |
// | target | round robin | hash of the flow | round robin, request by request |
// | no healthy target | the connection is closed | all targets count as healthy (fail open) | as an NLB |
// | a target that refuses | the next target is tried, then the connection is closed | the connection is reset | 502 |
// | idle timeout | both ends are closed | the next packet is answered by RST | an idle end is closed; 504 while awaiting a response |
// | first healthy | after `healthyThreshold` checks | after one check | after one check |
// | healthy status of an HTTP check | 200 | 200 to 399 | 200 |
//
// Sources: AWS, "How Elastic Load Balancing works" (routing algorithm), "Configure the idle connection timeout for your
// Classic Load Balancer", "Health checks for the instances for your Classic Load Balancer", "Health checks for Network
// Load Balancer target groups", "Update the TCP idle timeout for your Network Load Balancer listener". "Health
// checks for Application Load Balancer target groups", "Troubleshoot your Application Load Balancers"; "CloudWatch metrics for
// your Classic Load Balancer" (BackendConnectionErrors: the load balancer retries the connection; AWS does not
// document how often, the simulator retries once). HTTP and HTTPS listeners, which a classic ELB also has,
// are simulated as an ALB's.
//
// Health checks and the PROXY protocol: a classic ELB's TCP check of a port with the policy sends a version 1 header
// with its own address on both sides, its HTTP check none; an NLB whose target group has version 2 sends LOCAL before
// every check, of another port too (both seen in kubernetes/ingress-nginx, issue 10982). The spec decides
// (`HealthCheckSpec.preamble`).
import { once } from "node:events";
import { createServer, type Server, type Socket } from "node:net";
import { dial } from "../http/dial.ts";
import type { Endpoint } from "../network.ts";
import { takeProxyHeader } from "../tcp/preamble.ts";
import {
  encodeProxyV1,
  encodeProxyV2,
  type ProxiedAddresses,
  proxiedAddresses,
} from "../tcp/proxy-protocol.ts";
import { closeGently, destroySocket, rememberTcp, resetSocket } from "../tcp/reset.ts";
import type { HealthEvent, HealthPolicy, TargetState } from "./health-check.ts";
import { relayRequests } from "./http-relay.ts";
import type {
  ListenerCounts,
  ListenerSpec,
  LoadBalancer,
  LoadBalancerSpec,
  TargetSpec,
} from "./load-balancer-spec.ts";
import { type RelayOptions, relay } from "./relay.ts";
import { chooseTarget } from "./target-choice.ts";
import { TargetPool } from "./target-pool.ts";
import { type TargetConnection, Targets } from "./targets.ts";
import { createTlsListener, type TlsAcceptor } from "./tls-listener.ts";

/** Throws when a listener cannot listen. */
export async function openLoadBalancer(spec: LoadBalancerSpec): Promise<LoadBalancer> {
  const simulator = new LoadBalancerDouble(spec);
  try {
    await simulator.listen();
  } catch (error) {
    await simulator.close();
    throw error;
  }
  return simulator;
}

const IDLE_TIMEOUT_MS = { "classic-elb": 60_000, nlb: 350_000, alb: 60_000 } as const;
const BALANCE = { "classic-elb": "round-robin", nlb: "flow-hash", alb: "round-robin" } as const;
const CONNECT_TRIES = { "classic-elb": 2, nlb: 1, alb: 1 } as const;
const CONNECT_TIMEOUT_MS = 10_000;

interface Listener {
  readonly spec: ListenerSpec;
  readonly server: Server;
  readonly tls: TlsAcceptor | undefined;
  readonly counts: { -readonly [K in keyof ListenerCounts]: ListenerCounts[K] };
  endpoint: Endpoint;
  turn: number;
  /** Of a listener that reads requests: shared connections to targets. */
  pool?: TargetPool;
}

/** One connection of a client, with its context. */
interface Arrival {
  readonly listener: Listener;
  readonly client: Socket;
  readonly addresses: ProxiedAddresses;
}

class LoadBalancerDouble implements LoadBalancer {
  readonly kind: LoadBalancerSpec["kind"];
  readonly #spec: LoadBalancerSpec;
  readonly #listeners = new Map<string, Listener>();
  readonly #targets: Targets;
  readonly #sockets = new Set<Socket>();
  #closed = false;

  constructor(spec: LoadBalancerSpec) {
    this.kind = spec.kind;
    this.#spec = spec;
    this.#targets = new Targets({
      healthChecks: spec.healthChecks ?? [],
      policy: healthPolicyOf(spec),
      failOpen: spec.kind !== "classic-elb",
      drainMs: spec.drainMs ?? 300_000,
      drainBy: spec.kind === "nlb" ? "reset" : "close",
    });
    for (const each of spec.listeners) this.#listeners.set(each.name, this.#createListener(each));
  }

  async listen(): Promise<void> {
    await Promise.all(
      Array.from(this.#listeners.values(), async (listener) => {
        const { host } = listener.endpoint;
        listener.server.listen({ ...listener.endpoint, exclusive: true });
        await once(listener.server, "listening");
        const address = listener.server.address();
        if (typeof address === "object" && address !== null) listener.endpoint = { host, port: address.port };
      }),
    );
    this.#targets.startChecks();
  }

  endpointOf(listener: string): Endpoint {
    return this.#listener(listener).endpoint;
  }

  countsOf(listener: string): ListenerCounts {
    return { ...this.#listener(listener).counts };
  }

  stateOf(target: string): TargetState | "draining" | "unused" {
    return this.#targets.stateOf(target);
  }

  whyOf(target: string): string | undefined {
    return this.#targets.whyOf(target);
  }

  untilDecided(target: string): Promise<void> {
    return this.#targets.untilDecided(target);
  }

  connectionsTo(target: string): { open: number; total: number } {
    return { open: this.#targets.openTo(target), total: this.#targets.totalTo(target) };
  }

  untilState(target: string, state: TargetState): Promise<void> {
    return this.#targets.untilState(target, state);
  }

  onHealth(listener: (event: HealthEvent) => void): () => void {
    return this.#targets.onHealth(listener);
  }

  deregister(target: string): Promise<void> {
    return this.#targets.deregister(target);
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#targets.stop();
    const ended = Array.from(
      this.#listeners.values(),
      ({ server }) => new Promise<void>((resolve) => server.close(() => resolve())),
    );
    await Promise.all([...Array.from(this.#sockets, destroySocket), ...ended]);
  }

  #createListener(spec: ListenerSpec): Listener {
    const listener: Listener = {
      spec,
      server: createServer({ allowHalfOpen: true, noDelay: true }, (socket) =>
        this.#accept(listener, socket),
      ),
      tls:
        spec.protocol === "tls" || spec.protocol === "https"
          ? createTlsListener(spec.certificates ?? [], spec.alpn ?? "none")
          : undefined,
      counts: {
        accepted: 0,
        open: 0,
        unserved: 0,
        connectionErrors: 0,
        failedPreambles: 0,
        failedHandshakes: 0,
        bytesFromClients: 0,
        bytesFromTargets: 0,
      },
      endpoint: spec.listen,
      turn: 0,
    };
    return listener;
  }

  async #accept(listener: Listener, tcp: Socket): Promise<void> {
    const { counts } = listener;
    counts.accepted += 1;
    counts.open += 1;
    this.#hold(tcp);
    tcp.once("close", () => {
      counts.open -= 1;
    });
    const addresses = await this.#addressesOf(listener, tcp);
    if (addresses === undefined) {
      counts.failedPreambles += 1;
      tcp.destroy();
      return;
    }
    const client = listener.tls === undefined ? tcp : await listener.tls.accept(tcp);
    if (client === undefined) {
      counts.failedHandshakes += 1;
      tcp.destroy();
      return;
    }
    if (client !== tcp) rememberTcp(client, tcp);
    const arrival = { listener, client, addresses };
    if (listener.spec.protocol === "http" || listener.spec.protocol === "https") this.#serveRequests(arrival);
    else await this.#serve(arrival);
  }

  /** The client address, claimed or real; undefined when a claim was required and is missing. */
  async #addressesOf(listener: Listener, tcp: Socket): Promise<ProxiedAddresses | undefined> {
    if (this.#spec.clientAddress === "preamble") {
      const preamble = await takeProxyHeader(tcp);
      if (preamble.malformed !== undefined) return undefined;
      if (preamble.header.command === "proxy") return preamble.header;
    }
    const { remoteAddress, remotePort = 0 } = tcp;
    if (remoteAddress === undefined) return undefined; // closed already
    const { host, port } = listener.endpoint;
    return proxiedAddresses(remoteAddress, remotePort, host, port);
  }

  async #serve({ listener, client, addresses }: Arrival): Promise<void> {
    const { spec, counts } = listener;
    // Counted before it is established, so that simultaneous connections see each other.
    let end = (_how: "close" | "reset") => closeGently(client);
    const connection: TargetConnection = { end: (how) => end(how) };
    const reached = await this.#reachTarget({ listener, client, addresses }, connection);
    if (typeof reached === "string") {
      counts.unserved += 1;
      if (this.kind === "nlb" && reached === "refused") resetSocket(client);
      else closeGently(client);
      return;
    }
    ({ end } = relay(client, reached.upstream, {
      idleTimeoutMs: spec.idleTimeoutMs ?? IDLE_TIMEOUT_MS[this.kind],
      onIdle: this.kind === "nlb" ? "forget" : "close",
      onBytes: countBytes(counts),
      onEnd: () => this.#targets.release(reached.target.id, connection),
    }));
  }

  /** `refused`: none of the targets that were tried accepts, or the client has left. */
  async #reachTarget(
    { listener, client, addresses }: Arrival,
    connection: TargetConnection,
  ): Promise<{ target: TargetSpec; upstream: Socket } | "no-target" | "refused"> {
    const { source, sourcePort, destination, destinationPort } = addresses;
    for (let tries = 0; tries < CONNECT_TRIES[this.kind]; tries += 1) {
      const target = this.#choose(listener, `${source} ${sourcePort} ${destination} ${destinationPort}`);
      if (target === undefined) return "no-target";
      this.#targets.give(target.id, connection);
      const upstream = await this.#connect(target, listener.spec, addresses);
      if (upstream !== undefined && !client.destroyed && !this.#closed) return { target, upstream };
      this.#targets.release(target.id, connection);
      upstream?.destroy();
      if (client.destroyed || this.#closed) return "refused";
      listener.counts.connectionErrors += 1;
    }
    return "refused";
  }

  #choose(listener: Listener, flow: string): TargetSpec | undefined {
    const targets = this.#targets.eligible(listener.spec.targets);
    return chooseTarget(BALANCE[this.kind], targets, listener.turn++, flow);
  }

  #serveRequests({ listener, client, addresses }: Arrival): void {
    const { spec, counts } = listener;
    const idleTimeoutMs = spec.idleTimeoutMs ?? IDLE_TIMEOUT_MS[this.kind];
    listener.pool ??= new TargetPool({
      idleTimeoutMs,
      choose: () => this.#choose(listener, spec.name),
      connect: (target) => this.#connect(target, spec, addresses),
      give: (id, connection) => this.#targets.give(id, connection),
      release: (id, connection) => this.#targets.release(id, connection),
    });
    relayRequests(client, listener.pool, {
      idleTimeoutMs,
      forwarded: {
        client: addresses.source,
        scheme: spec.protocol === "https" ? "https" : "http",
        port: addresses.destinationPort,
      },
      ...(spec.answer === undefined ? {} : { answer: spec.answer }),
      onBytes: countBytes(counts),
      onUnserved: () => {
        counts.unserved += 1;
      },
    });
  }

  /** Undefined when the target cannot be reached for any reason, including limits of this machine. */
  async #connect(
    target: TargetSpec,
    spec: ListenerSpec,
    addresses: ProxiedAddresses,
  ): Promise<Socket | undefined> {
    const header = proxyHeaderOf(spec.proxy ?? "none", addresses);
    const localAddress = spec.sourceFor?.(addresses.source) ?? this.#spec.localAddress;
    const route = {
      to: target.at,
      allowHalfOpen: true,
      ...(localAddress === undefined ? {} : { localAddress }),
      ...(header === undefined ? {} : { preamble: header }),
      ...(spec.targetProtocol === "tls" ? { tls: { verify: false } } : {}),
    };
    const dialled = await dial(route, CONNECT_TIMEOUT_MS).catch(() => undefined);
    if (dialled === undefined || dialled.failed !== undefined) return undefined;
    this.#hold(dialled.socket);
    if (dialled.tcp !== dialled.socket) rememberTcp(dialled.socket, dialled.tcp);
    return dialled.socket;
  }

  #hold(socket: Socket): void {
    this.#sockets.add(socket);
    socket.on("error", () => socket.destroy());
    socket.on("close", () => this.#sockets.delete(socket));
  }

  #listener(name: string): Listener {
    const listener = this.#listeners.get(name);
    if (listener === undefined) throw new Error(`the load balancer has no listener ${name}`);
    return listener;
  }
}

function countBytes(counts: Listener["counts"]): RelayOptions["onBytes"] {
  return (from, bytes) => {
    if (from === "client") counts.bytesFromClients += bytes;
    else counts.bytesFromTargets += bytes;
  };
}

function healthPolicyOf({ kind, localAddress }: LoadBalancerSpec): HealthPolicy {
  const from = localAddress === undefined ? {} : { localAddress };
  if (kind === "classic-elb") return { statuses: [200, 200], ...from };
  if (kind === "alb") return { statuses: [200, 200], firstHealthyThreshold: 1, ...from };
  return { statuses: [200, 399], firstHealthyThreshold: 1, ...from };
}

/** An NLB's version 2 header has a checksum field (seen in kubernetes/kubernetes#57250). */
function proxyHeaderOf(proxy: "none" | "v1" | "v2", addresses: ProxiedAddresses): Buffer | undefined {
  if (proxy === "none") return undefined;
  return proxy === "v1" ? encodeProxyV1(addresses) : encodeProxyV2(addresses, { checksum: true });
}
