// A load balancer double: what an AWS classic ELB (TCP and SSL listeners) and an NLB (TCP and TLS) do to a connection.
//
// | | classic ELB | NLB |
// | --- | --- | --- |
// | target for a connection | round robin | hash of the flow |
// | no healthy target | the connection is closed | all targets count as healthy (fail open) |
// | a target that refuses | the connection is closed | the connection is reset |
// | idle timeout | both ends are closed | the next packet is answered by RST |
// | first healthy | after `healthyThreshold` checks | after one check |
// | healthy status of an HTTP check | 200 | 200 to 399 |
//
// Sources: AWS, "Configure the idle connection timeout for your Classic Load Balancer", "Health checks for the
// instances for your Classic Load Balancer", "Health checks for Network Load Balancer target groups", "Network Load
// Balancers: connection idle timeout". HTTP and HTTPS listeners, which a classic ELB also has, are not played.
//
// Health checks and the PROXY protocol: a classic ELB's TCP check of a port with the policy sends a version 1 header
// with its own address on both sides, its HTTP check none; an NLB whose target group has version 2 sends LOCAL before
// every check. The caller decides (`HealthCheckSpec.preamble`).
import { EventEmitter, once } from "node:events";
import { createServer, type Server, type Socket } from "node:net";
import type { LabCertificate } from "../certificates.ts";
import { dial } from "../http/dial.ts";
import type { Endpoint } from "../network.ts";
import {
  type HealthChecker,
  type HealthCheckSpec,
  type HealthEvent,
  type HealthPolicy,
  startHealthChecks,
  type TargetState,
} from "./health-check.ts";
import { takeProxyHeader } from "./preamble.ts";
import { encodeProxyV1, encodeProxyV2, type ProxiedAddresses, proxiedAddresses } from "./proxy-protocol.ts";
import { type Relay, relay } from "./relay.ts";
import { destroySocket, rememberTcp, resetSocket } from "./reset.ts";
import { type Balance, chooseTarget } from "./target-choice.ts";
import { type AlpnPolicy, createTlsListener, type TlsAcceptor } from "./tls-listener.ts";

export interface TargetSpec {
  /** Names the target, such as an instance; the same name in several listeners is the same target. */
  readonly id: string;
  readonly at: Endpoint;
}

export interface ListenerSpec {
  /** Names the listener in counts; such as the port it has in the cloud. */
  readonly name: string;
  /** Port 0 lets the system choose. */
  readonly listen: Endpoint;
  readonly protocol: "tcp" | "tls";
  /** For `tls`: the first certificate is for clients that send no name, or one that no certificate has. */
  readonly certificates?: readonly LabCertificate[];
  /** Default `none`; a classic ELB knows no other. */
  readonly alpn?: AlpnPolicy;
  /** Header sent to targets. Default `none`. */
  readonly proxy?: "none" | "v1" | "v2";
  /** Speak TLS to targets, whose certificates are not verified. Default `tcp`. */
  readonly targetProtocol?: "tcp" | "tls";
  readonly targets: readonly TargetSpec[];
  readonly balance?: Balance;
  /** Default: 60 s for a classic ELB, 350 s for an NLB; 0 for none. */
  readonly idleTimeoutMs?: number;
}

export interface LoadBalancerSpec {
  readonly kind: "classic-elb" | "nlb";
  readonly listeners: readonly ListenerSpec[];
  /** At most one a target; a target without is always healthy. */
  readonly healthChecks?: readonly HealthCheckSpec[];
  /** Address that connections to targets come from. A client's own address cannot be kept on loopback. */
  readonly localAddress?: string;
  /**
   * Where a client is said to come from. `socket`: its real address. `preamble`: each connection begins with a PROXY
   * header, of either version, which is taken off and believed, before TLS: so a lab plays clients from anywhere.
   */
  readonly clientAddress: "socket" | "preamble";
  /** How long existing connections to a deregistered target may go on. Default 300,000. */
  readonly drainMs?: number;
}

export interface ListenerCounts {
  readonly accepted: number;
  readonly open: number;
  /** Accepted, but given to no target: none was healthy, or it did not answer. */
  readonly unserved: number;
  readonly failedPreambles: number;
  readonly failedHandshakes: number;
  readonly bytesFromClients: number;
  readonly bytesFromTargets: number;
}

export interface LoadBalancer {
  readonly kind: LoadBalancerSpec["kind"];
  /** Throws when there is no such listener. */
  endpointOf(listener: string): Endpoint;
  countsOf(listener: string): ListenerCounts;
  stateOf(target: string): TargetState | "draining" | "unused";
  /** Connections open to the target, and given to it so far. */
  connectionsTo(target: string): { readonly open: number; readonly total: number };
  /** Resolves when the target is in that state; at once when it is. */
  untilState(target: string, state: TargetState): Promise<void>;
  /** Returns how to stop listening. */
  onHealth(listener: (event: HealthEvent) => void): () => void;
  /**
   * No new connections to the target. Resolves when those there have ended: by themselves, or by force (as an idle
   * timeout does it) after the drain time.
   */
  deregister(target: string): Promise<void>;
  /** Ends everything at once. */
  close(): Promise<void>;
}

/** Throws when a listener cannot listen. */
export async function openLoadBalancer(spec: LoadBalancerSpec): Promise<LoadBalancer> {
  const double = new LoadBalancerDouble(spec);
  try {
    await double.listen();
  } catch (error) {
    await double.close();
    throw error;
  }
  return double;
}

const idleTimeoutMsOf = { "classic-elb": 60_000, nlb: 350_000 } as const;

interface Listener {
  readonly spec: ListenerSpec;
  readonly server: Server;
  readonly tls: TlsAcceptor | undefined;
  readonly counts: { -readonly [K in keyof ListenerCounts]: ListenerCounts[K] };
  endpoint: Endpoint;
  turn: number;
}

/** One connection of a client, and what it needs to know of it. */
interface Arrival {
  readonly listener: Listener;
  readonly client: Socket;
  readonly addresses: ProxiedAddresses;
}

class LoadBalancerDouble implements LoadBalancer {
  readonly kind: LoadBalancerSpec["kind"];
  readonly #spec: LoadBalancerSpec;
  readonly #listeners = new Map<string, Listener>();
  readonly #checkers = new Map<string, HealthChecker>();
  readonly #sockets = new Set<Socket>();
  readonly #relays = new Map<string, Set<Relay>>();
  readonly #totals = new Map<string, number>();
  readonly #deregistered = new Set<string>();
  readonly #events = new EventEmitter();
  readonly #drains = new Set<NodeJS.Timeout>();
  #closed = false;

  constructor(spec: LoadBalancerSpec) {
    this.kind = spec.kind;
    this.#spec = spec;
    for (const each of spec.listeners) {
      for (const target of each.targets) this.#relays.set(target.id, new Set());
      const listener: Listener = {
        spec: each,
        server: createServer({ allowHalfOpen: true, noDelay: true }, (socket) =>
          this.#accept(listener, socket),
        ),
        tls:
          each.protocol === "tls"
            ? createTlsListener(each.certificates ?? [], each.alpn ?? "none")
            : undefined,
        counts: {
          accepted: 0,
          open: 0,
          unserved: 0,
          failedPreambles: 0,
          failedHandshakes: 0,
          bytesFromClients: 0,
          bytesFromTargets: 0,
        },
        endpoint: each.listen,
        turn: 0,
      };
      this.#listeners.set(each.name, listener);
    }
  }

  async listen(): Promise<void> {
    await Promise.all(
      [...this.#listeners.values()].map(async (listener) => {
        listener.server.listen({ ...listener.spec.listen, exclusive: true });
        await once(listener.server, "listening");
        const address = listener.server.address();
        if (typeof address === "object" && address !== null) {
          listener.endpoint = { host: listener.spec.listen.host, port: address.port };
        }
      }),
    );
    const policy = this.#healthPolicy();
    for (const check of this.#spec.healthChecks ?? []) {
      const checker = startHealthChecks(check, policy, (event) => this.#events.emit("health", event));
      this.#checkers.set(check.target, checker);
    }
  }

  endpointOf(listener: string): Endpoint {
    return this.#listener(listener).endpoint;
  }

  countsOf(listener: string): ListenerCounts {
    return { ...this.#listener(listener).counts };
  }

  stateOf(target: string): TargetState | "draining" | "unused" {
    if (!this.#deregistered.has(target)) return this.#checkers.get(target)?.state ?? "healthy";
    return (this.#relays.get(target)?.size ?? 0) > 0 ? "draining" : "unused";
  }

  connectionsTo(target: string): { open: number; total: number } {
    return { open: this.#relays.get(target)?.size ?? 0, total: this.#totals.get(target) ?? 0 };
  }

  untilState(target: string, state: TargetState): Promise<void> {
    if (this.stateOf(target) === state) return Promise.resolve();
    return new Promise((resolve) => {
      const stop = this.onHealth((event) => {
        if (event.target !== target || event.state !== state) return;
        stop();
        resolve();
      });
    });
  }

  onHealth(listener: (event: HealthEvent) => void): () => void {
    this.#events.on("health", listener);
    return () => this.#events.off("health", listener);
  }

  deregister(target: string): Promise<void> {
    this.#deregistered.add(target);
    this.#checkers.get(target)?.stop();
    const relays = this.#relays.get(target) ?? new Set();
    if (relays.size === 0) return Promise.resolve();
    const timer = setTimeout(() => {
      for (const each of relays) each.end(this.kind === "nlb" ? "reset" : "close");
    }, this.#spec.drainMs ?? 300_000);
    this.#drains.add(timer);
    return new Promise((resolve) => {
      this.#events.once(`drained ${target}`, () => {
        clearTimeout(timer);
        this.#drains.delete(timer);
        resolve();
      });
    });
  }

  async close(): Promise<void> {
    this.#closed = true;
    for (const checker of this.#checkers.values()) checker.stop();
    for (const timer of this.#drains) clearTimeout(timer);
    const ended = [...this.#listeners.values()].map(
      ({ server }) => new Promise<void>((resolve) => server.close(() => resolve())),
    );
    await Promise.all([...Array.from(this.#sockets, destroySocket), ...ended]);
  }

  async #accept(listener: Listener, tcp: Socket): Promise<void> {
    const { counts } = listener;
    counts.accepted += 1;
    counts.open += 1;
    this.#hold(tcp, () => {
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
    await this.#serve({ listener, client, addresses });
  }

  /** Where the client says, or is seen, to come from; undefined when it had to say and did not. */
  async #addressesOf(listener: Listener, tcp: Socket): Promise<ProxiedAddresses | undefined> {
    if (this.#spec.clientAddress === "preamble") {
      const preamble = await takeProxyHeader(tcp);
      if (preamble.malformed !== undefined) return undefined;
      if (preamble.header.command === "proxy") return preamble.header;
    }
    const { remoteAddress, remotePort = 0 } = tcp;
    if (remoteAddress === undefined) return undefined; // gone already
    const { host, port } = listener.endpoint;
    return proxiedAddresses(remoteAddress, remotePort, tcp.localAddress ?? host, tcp.localPort ?? port);
  }

  async #serve({ listener, client, addresses }: Arrival): Promise<void> {
    const { spec, counts } = listener;
    const target = chooseTarget(spec.balance ?? (this.kind === "nlb" ? "flow-hash" : "round-robin"), {
      targets: this.#eligible(spec.targets),
      turn: listener.turn++,
      flow: `${addresses.source} ${addresses.sourcePort} ${addresses.destination} ${addresses.destinationPort}`,
      openTo: (id) => this.#relays.get(id)?.size ?? 0,
    });
    const relays = target === undefined ? undefined : this.#relays.get(target.id);
    if (target === undefined || relays === undefined) {
      counts.unserved += 1;
      client.destroy();
      return;
    }
    // Counted before the connection stands, so that arrivals at the same time see each other.
    const connection: Relay = { end: () => client.destroy() };
    relays.add(connection);
    this.#totals.set(target.id, (this.#totals.get(target.id) ?? 0) + 1);
    const upstream = await this.#connect(target, spec, addresses);
    if (upstream === undefined || client.destroyed || this.#closed) {
      this.#release(target.id, connection);
      upstream?.destroy();
      if (client.destroyed) return;
      counts.unserved += 1;
      if (this.kind === "nlb") resetSocket(client);
      else client.destroy();
      return;
    }
    this.#release(target.id, connection, "replaced");
    const through = relay(client, upstream, {
      idleTimeoutMs: spec.idleTimeoutMs ?? idleTimeoutMsOf[this.kind],
      onIdle: this.kind === "nlb" ? "forget" : "close",
      onBytes: (from, bytes) => {
        if (from === "client") counts.bytesFromClients += bytes;
        else counts.bytesFromTargets += bytes;
      },
      onEnd: () => this.#release(target.id, through),
    });
    relays.add(through);
  }

  async #connect(
    target: TargetSpec,
    spec: ListenerSpec,
    addresses: ProxiedAddresses,
  ): Promise<Socket | undefined> {
    const header = proxyHeaderOf(spec.proxy ?? "none", addresses);
    const { localAddress } = this.#spec;
    const dialled = await dial(
      {
        to: target.at,
        allowHalfOpen: true,
        ...(localAddress === undefined ? {} : { localAddress }),
        ...(header === undefined ? {} : { preamble: header }),
        ...(spec.targetProtocol === "tls" ? { tls: { verify: false } } : {}),
      },
      10_000,
    );
    if (dialled.failed !== undefined) return undefined;
    this.#hold(dialled.socket, () => {});
    if (dialled.tcp !== dialled.socket) rememberTcp(dialled.socket, dialled.tcp);
    return dialled.socket;
  }

  /** Healthy targets; for an NLB all that are registered when none is healthy. */
  #eligible(targets: readonly TargetSpec[]): readonly TargetSpec[] {
    const registered = targets.filter(({ id }) => !this.#deregistered.has(id));
    const healthy = registered.filter(({ id }) => this.stateOf(id) === "healthy");
    return healthy.length === 0 && this.kind === "nlb" ? registered : healthy;
  }

  #release(target: string, connection: Relay, replaced?: "replaced"): void {
    const relays = this.#relays.get(target);
    relays?.delete(connection);
    if (relays?.size === 0 && replaced === undefined) this.#events.emit(`drained ${target}`);
  }

  #hold(socket: Socket, onClose: () => void): void {
    this.#sockets.add(socket);
    socket.on("error", () => socket.destroy());
    socket.on("close", () => {
      this.#sockets.delete(socket);
      onClose();
    });
  }

  #healthPolicy(): HealthPolicy {
    const { localAddress } = this.#spec;
    const from = localAddress === undefined ? {} : { localAddress };
    if (this.kind === "classic-elb") return { statuses: [200, 200], ...from };
    return { statuses: [200, 399], firstHealthyThreshold: 1, ...from };
  }

  #listener(name: string): Listener {
    const listener = this.#listeners.get(name);
    if (listener === undefined) throw new Error(`the load balancer has no listener ${name}`);
    return listener;
  }
}

/** An NLB's version 2 header has a checksum field (seen in kubernetes/kubernetes#57250). */
function proxyHeaderOf(proxy: "none" | "v1" | "v2", addresses: ProxiedAddresses): Buffer | undefined {
  if (proxy === "none") return undefined;
  return proxy === "v1" ? encodeProxyV1(addresses) : encodeProxyV2(addresses, { checksum: true });
}
