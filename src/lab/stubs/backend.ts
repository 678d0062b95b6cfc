// A stub backend: an HTTP/1.1 server that reports what it received, and misbehaves on request.
import { createServer, type Server, type Socket } from "node:net";
import { createSecureContext, type SecureContext, TLSSocket, type TLSSocketOptions } from "node:tls";
import type { LabCertificate } from "../certificates.ts";
import type { Endpoint } from "../network.ts";
import { beginsTls, takeProxyHeader } from "../tcp/preamble.ts";
import { destroySocket, rememberTcp } from "../tcp/reset.ts";
import { BackendConnection } from "./backend-connection.ts";
import type { Behave } from "./behaviour.ts";
import { createExchangeLog, type ExchangeLog, type SeenRequest } from "./exchange-log.ts";

export interface BackendSpec {
  readonly name: string;
  /** Port 0 lets the system choose. */
  readonly listen: Endpoint;
  /** Shared by the backends of a lab, so that one log has every exchange. Default: its own. */
  readonly exchanges?: ExchangeLog;
  readonly behave?: Behave;
  /** Requests for this path are health checks: answered by `setHealthy`, counted separately, not in `seen`. */
  readonly healthPath?: string;
  readonly tls?: {
    readonly certificate: LabCertificate;
    readonly alpn?: readonly string[];
    /** Connections may be plain too, as those that HAProxy forwards from clients in `mode tcp`. Default false. */
    readonly optional?: boolean;
    /** Fail handshakes without a server name (RFC 6066 section 3), as servers with one certificate per name do. Default false. */
    readonly requireSni?: boolean;
  };
  /** Every connection begins with a PROXY header, version 1 or 2 (`send-proxy`, `send-proxy-v2`), before TLS. */
  readonly expectProxy?: boolean;
  /** Answer a WebSocket handshake with 101 and echo what follows. Default true. */
  readonly webSocket?: boolean;
}

export interface BackendCounts {
  /** Connections accepted, and open now. */
  readonly connections: number;
  readonly open: number;
  /** Complete requests, without health checks. */
  readonly requests: number;
  readonly healthRequests: number;
  /** Connections without the expected PROXY header, or whose TLS handshake failed. */
  readonly refused: number;
  /** Connections that sent something other than HTTP. */
  readonly malformed: number;
}

export interface Backend {
  readonly name: string;
  readonly endpoint: Endpoint;
  readonly counts: BackendCounts;
  /** The most recent requests, oldest first; without health checks. */
  readonly seen: readonly SeenRequest[];
  readonly exchanges: ExchangeLog;
  behave(behave: Behave): void;
  setHealthy(healthy: boolean): void;
  /** Whether TLS handshakes without a server name fail from now on. */
  requireSni(required: boolean): void;
  /** Called for every request but health checks, before it is answered. Returns a function that removes the listener. */
  onRequest(listener: (seen: SeenRequest) => void): () => void;
  /** Refuses new connections; existing ones are reset, or continue with `keepOpen`. */
  goDown(options?: { keepOpen?: boolean }): Promise<void>;
  /** Listens again, on the same port. */
  restart(): Promise<void>;
  close(): Promise<void>;
}

/** Throws when it cannot listen there. */
export async function openBackend(spec: BackendSpec): Promise<Backend> {
  const simulator = new BackendDouble(spec);
  await simulator.restart();
  return simulator;
}

/** How many of the most recent requests `seen` has at least. */
const KEPT_REQUESTS = 1000;

class BackendDouble implements Backend {
  readonly name: string;
  readonly exchanges: ExchangeLog;
  endpoint: Endpoint;
  readonly seen: SeenRequest[] = [];
  readonly counts = { connections: 0, open: 0, requests: 0, healthRequests: 0, refused: 0, malformed: 0 };
  readonly #spec: BackendSpec;
  readonly #open = new Set<Socket>();
  readonly #listeners = new Set<(seen: SeenRequest) => void>();
  readonly #secureContext;
  #server: Server | undefined;
  #behave: Behave;
  #healthy = true;
  #requireSni: boolean;

  constructor(spec: BackendSpec) {
    this.#spec = spec;
    this.name = spec.name;
    this.endpoint = spec.listen;
    this.exchanges = spec.exchanges ?? createExchangeLog();
    this.#behave = spec.behave ?? {};
    this.#requireSni = spec.tls?.requireSni ?? false;
    const certificate = spec.tls?.certificate;
    this.#secureContext =
      certificate && createSecureContext({ key: certificate.key, cert: certificate.certificate });
  }

  behave(behave: Behave): void {
    this.#behave = behave;
  }

  setHealthy(healthy: boolean): void {
    this.#healthy = healthy;
  }

  requireSni(required: boolean): void {
    this.#requireSni = required;
  }

  onRequest(listener: (seen: SeenRequest) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  restart(): Promise<void> {
    if (this.#server !== undefined) return Promise.resolve();
    const server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => this.#accept(socket));
    this.#server = server;
    return new Promise((resolve, reject) => {
      server.once("error", reject);
      server.listen({ ...this.endpoint, exclusive: true }, () => {
        const address = server.address();
        if (typeof address === "object" && address !== null) {
          this.endpoint = { host: this.endpoint.host, port: address.port };
        }
        resolve();
      });
    });
  }

  goDown(options: { keepOpen?: boolean } = {}): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    if (options.keepOpen !== true) for (const socket of this.#open) socket.resetAndDestroy();
    if (server === undefined) return Promise.resolve();
    // The port is free as soon as close() returns; its callback also awaits the remaining connections.
    server.close();
    return Promise.resolve();
  }

  async close(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    await Promise.all([
      ...Array.from(this.#open, destroySocket),
      server && new Promise<void>((resolve) => server.close(() => resolve())),
    ]);
  }

  async #accept(tcp: Socket): Promise<void> {
    const connection = ++this.counts.connections;
    this.counts.open += 1;
    this.#open.add(tcp);
    tcp.on("error", () => tcp.destroy());
    tcp.on("close", () => {
      this.counts.open -= 1;
      this.#open.delete(tcp);
    });
    const peer = { address: tcp.remoteAddress ?? "", port: tcp.remotePort ?? 0 };
    let proxy: SeenRequest["proxy"];
    if (this.#spec.expectProxy === true) {
      const preamble = await takeProxyHeader(tcp);
      if (preamble.malformed !== undefined) {
        this.#refuse(tcp);
        return;
      }
      proxy = preamble.header;
    }
    const secured = (await this.#speaksTls(tcp)) ? await this.#secure(tcp) : undefined;
    if (secured === "failed") {
      this.#refuse(tcp);
      return;
    }
    if (secured !== undefined) rememberTcp(secured, tcp);
    new BackendConnection(secured ?? tcp, {
      spec: this.#spec,
      server: `${this.endpoint.host}:${this.endpoint.port}`,
      connection,
      peer,
      exchanges: this.exchanges,
      ...(proxy === undefined ? {} : { proxy }),
      ...(secured === undefined ? {} : { tls: describeTls(secured) }),
      healthy: () => this.#healthy,
      behave: () => this.#behave,
      sawRequest: (seen) => this.#sawRequest(seen),
      sawHealthCheck: () => {
        this.counts.healthRequests += 1;
      },
      sawMalformed: () => {
        this.counts.malformed += 1;
      },
    });
  }

  #speaksTls(tcp: Socket): Promise<boolean> | boolean {
    return this.#spec.tls?.optional === true ? beginsTls(tcp) : this.#secureContext !== undefined;
  }

  #refuse(socket: Socket): void {
    this.counts.refused += 1;
    socket.destroy();
  }

  #secure(tcp: Socket): Promise<TLSSocket | "failed"> {
    const alpn = this.#spec.tls?.alpn;
    const secured = new TLSSocket(tcp, {
      isServer: true,
      ...this.#certificateFor(),
      ...(alpn === undefined ? {} : { ALPNProtocols: [...alpn] }),
    });
    return new Promise((resolve) => {
      secured.on("error", () => resolve("failed"));
      secured.on("close", () => resolve("failed"));
      secured.on("secure", () => resolve(secured));
    });
  }

  /** A context without a certificate fails the handshake, unless a name selects another (`SNICallback`). */
  #certificateFor(): { secureContext?: SecureContext; SNICallback?: TLSSocketOptions["SNICallback"] } {
    const context = this.#secureContext;
    if (context === undefined) return {};
    if (!this.#requireSni) return { secureContext: context };
    return { secureContext: createSecureContext(), SNICallback: (_, done) => done(null, context) };
  }

  #sawRequest(seen: SeenRequest): void {
    this.counts.requests += 1;
    this.seen.push(seen);
    // Removed in bulk: removing the first element of a long array takes time proportional to its length.
    if (this.seen.length > 2 * KEPT_REQUESTS) this.seen.splice(0, this.seen.length - KEPT_REQUESTS);
    for (const listener of this.#listeners) listener(seen);
  }
}

function describeTls(socket: TLSSocket): NonNullable<SeenRequest["tls"]> {
  const sni = serverName(socket);
  return {
    protocol: socket.getProtocol() ?? "unknown",
    ...(sni === undefined ? {} : { sni }),
    ...(typeof socket.alpnProtocol === "string" ? { alpn: socket.alpnProtocol } : {}),
  };
}

/** The SNI of a server's socket; Node's types have it only as a client's option. */
function serverName(socket: TLSSocket): string | undefined {
  const { servername } = socket as { servername?: string | false };
  return typeof servername === "string" ? servername : undefined;
}
