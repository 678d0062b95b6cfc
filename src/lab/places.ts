// Where everything of an edge is in a lab: addresses on loopback, and files in the lab's own folder.
import { existsSync, writeFileSync } from "node:fs";
import { basename, join, posix } from "node:path";
import type { HaproxyAddress } from "../wiring/haproxy/address.ts";
import { directiveOf } from "../wiring/haproxy/config.ts";
import type { FileReference } from "../wiring/haproxy/files.ts";
import { withAllowedOptions } from "../wiring/haproxy/untrusted/certificate-list.ts";
import type { LeftOutLine } from "../wiring/haproxy/untrusted/left-out.ts";
import { poolOf } from "../wiring/haproxy/variants.ts";
import type {
  CheckTarget,
  HaproxyBind,
  HaproxyProxy,
  HaproxyServer,
  HaproxyWiring,
  SourcePattern,
} from "../wiring/haproxy/wiring.ts";
import type { HaproxyLayer } from "../wiring/wiring.ts";
import { connectionRules } from "./bind-entrances.ts";
import type { BrokenServers } from "./broken-servers.ts";
import { labAuthority, labCertificate } from "./certificates.ts";
import type { Endpoint, LabNetwork, SocketPath } from "./network.ts";
import { covers, ownBindOf } from "./own-binds.ts";
import type { LabRewrites } from "./rewrite.ts";
import { standInFor } from "./stand-in-files.ts";
import { keyOf } from "./stub-servers.ts";

/** Hosts of the lab's network. */
const HAPROXY = 1;
const LOAD_BALANCER = 2;
const UNTRUSTED = 3;
const INSIDE = 4;
/** Replaces every address that has no stub: nothing listens there. */
const NOWHERE = 5;
const FIRST_SERVER = 10;

/** Ports below this need a privilege that the lab does not have. */
const FIRST_FREE_PORT = 1024;

export interface PlacesOptions {
  readonly network: LabNetwork;
  readonly folder: string;
  /** Names of certificates whose names are unknown. */
  readonly hosts: readonly string[];
  /** Names of a certificate, by the file that HAProxy reads it from. */
  readonly certificateHosts: ReadonlyMap<string, readonly string[]>;
  /** The text of another file of the layers, by its path; undefined: there is no such file. */
  readonly textOf: (path: string) => string | undefined;
  /** HAProxy may open files outside of the layers, and abstract sockets of this machine. */
  readonly trust: boolean;
  readonly broken: Pick<BrokenServers, "places" | "nameServer">;
  /** Binds whose clients connect directly. */
  readonly direct: ReadonlySet<HaproxyBind>;
}

export class LabPlaces {
  readonly unused: Endpoint;
  /** Files that stand-ins replace, each with the line that names it. */
  readonly missing: LeftOutLine[] = [];
  readonly #layer: HaproxyLayer;
  readonly #options: PlacesOptions;
  readonly #servers = new Map<string, Endpoint>();
  /** By the address as the configuration writes it. */
  readonly #binds = new Map<string, Endpoint>();
  readonly #files = new Map<string, string>();

  private constructor(layer: HaproxyLayer, options: PlacesOptions, unused: Endpoint) {
    this.#layer = layer;
    this.#options = options;
    this.unused = unused;
  }

  /** Assigns an endpoint to every bind of the layer's configuration. */
  static async of(layer: HaproxyLayer, options: PlacesOptions): Promise<LabPlaces> {
    const places = new LabPlaces(layer, options, await options.network.listenAt(NOWHERE));
    const used = new Set<string>();
    const moved: HaproxyAddress[] = [];
    for (const { kind, address } of layer.wiring.binds) {
      if (!isOnNetwork(address) || places.#binds.has(address.text)) continue;
      // A configuration may compare the client's destination port (`dst_port`), so the port is kept where possible.
      const own = `${isDatagram(address) ? "udp" : "tcp"} ${address.ports?.from}`;
      if (kind !== "proxy" || (address.ports?.from ?? 0) < FIRST_FREE_PORT || used.has(own)) {
        moved.push(address);
        continue;
      }
      used.add(own);
      places.#binds.set(address.text, {
        host: options.network.address(HAPROXY),
        port: address.ports?.from ?? 0,
      });
    }
    for (const { text } of moved)
      if (!places.#binds.has(text)) places.#binds.set(text, await places.#freeBind());
    return places;
  }

  /** Lines of servers that keep their name. */
  namedLines(): ReadonlySet<number> {
    const named = this.#layer.wiring.servers.filter((server) => this.#broken(server) === "name");
    return new Set(named.map(({ line }) => line.number));
  }

  /** Where HAProxy listens instead of on this port. */
  bind(port: number): Endpoint {
    const bind = bindAt(this.#layer.wiring, port);
    if (bind === undefined) throw new RangeError(`HAProxy binds no port ${port}`);
    return this.bindPlace(bind, port);
  }

  /** Where HAProxy listens instead of at this bind; with a port, that one of its range. */
  bindPlace({ address }: HaproxyBind, port = address.ports?.from ?? 0): Endpoint {
    const endpoint = this.#binds.get(address.text);
    if (endpoint === undefined) throw new RangeError(`the bind ${address.text} is not a network address`);
    return { ...endpoint, port: endpoint.port + port - (address.ports?.from ?? port) };
  }

  /** Where the socket of a bind is. */
  socket({ address }: HaproxyBind): SocketPath {
    return { path: this.#fileFor(address.path ?? "") };
  }

  /** Whether HAProxy gets the client address of this bind in a PROXY header that only the lab expects. */
  isDirect(bind: HaproxyBind): boolean {
    return this.#options.direct.has(bind);
  }

  /** Source addresses of the simulated load balancer, of in-cluster clients, and of untrusted sources. */
  from(who: "load balancer" | "inside" | "untrusted"): string {
    const hosts = { "load balancer": LOAD_BALANCER, inside: INSIDE, untrusted: UNTRUSTED };
    return this.#options.network.address(hosts[who]);
  }

  /** Where the stub of a server listens; `key` is `backend/server`. */
  async server(key: string): Promise<Endpoint> {
    const known = this.#servers.get(key);
    if (known !== undefined) return known;
    const endpoint = await this.#options.network.listenAt(FIRST_SERVER + (this.#servers.size % 200));
    this.#servers.set(key, endpoint);
    return endpoint;
  }

  loadBalancer(): Promise<Endpoint> {
    return this.#options.network.listenAt(LOAD_BALANCER);
  }

  /**
   * How the configuration is rewritten for the lab: addresses and paths. No address to listen on or to connect to is
   * left as it is, so that a lab stays in its own network.
   */
  rewrites(): LabRewrites {
    return {
      bind: ({ address }) => this.#bindText(address),
      server: (server) => this.#serverText(server),
      nameServer: ({ address }) => (isOnNetwork(address) ? this.#nameServer() : undefined),
      systemNameServers: this.#nameServer(),
      unresolved: (server) => this.#broken(server) === "name",
      systemCa: () => this.#authority(),
      dispatch: (address) => (isOnNetwork(address) ? endpointText(this.unused) : undefined),
      check: (target) => this.#checkText(target),
      localAddress: () => this.#options.network.address(HAPROXY),
      source: (source) => this.#sourceText(source),
      log: () => `${this.from("inside")}:514`,
      file: (file) => this.#file(file),
      withoutRoot: true,
      acceptProxy: this.#options.direct,
      connectionRules: this.#directProxies().flatMap((proxy) =>
        connectionRules(proxy).flatMap((line) => directiveOf(line).words[1] ?? []),
      ),
    };
  }

  #directProxies(): readonly HaproxyProxy[] {
    const { direct } = this.#options;
    return this.#layer.wiring.proxies.filter(({ binds }) => binds.some((bind) => direct.has(bind)));
  }

  /** Clients that connect directly are compared with the patterns as they are. */
  #sourceText({ decidesProxy, admits, owner }: SourcePattern): string | undefined {
    const isDirect = this.#directProxies().some(({ name }) => name === owner);
    return !isDirect && (decidesProxy || admits) ? this.from("load balancer") : undefined;
  }

  #bindText(address: HaproxyAddress): string | undefined {
    if (!isOnNetwork(address)) return this.#abstractSocket(address);
    const endpoint = this.#binds.get(address.text);
    if (endpoint === undefined) throw new Error(`no endpoint was assigned to the bind ${address.text}`);
    const { from, to } = address.ports ?? { from: 0, to: 0 };
    const range = to > from ? `-${endpoint.port + to - from}` : "";
    return `${address.prefix?.startsWith("quic") ? "quic4@" : ""}${endpointText(endpoint)}${range}`;
  }

  #serverText(server: HaproxyServer): string | undefined {
    if (!isOnNetwork(server.address)) return this.#abstractSocket(server.address);
    const broken = this.#broken(server);
    if (broken !== undefined) return broken === "name" ? undefined : endpointText(broken);
    const own = ownBindOf(this.#layer.wiring, server);
    if (own !== undefined) return endpointText(this.bindPlace(own, server.address.ports?.from));
    return endpointText(this.#servers.get(keyOf(this.#layer.wiring, server)) ?? this.unused);
  }

  #broken(server: HaproxyServer): Endpoint | "name" | undefined {
    return this.#options.broken.places.get(keyOf(this.#layer.wiring, server));
  }

  #nameServer(): string {
    return endpointText(this.#options.broken.nameServer ?? this.unused);
  }

  /** A name in the lab's folder: found by other lines of the same configuration, and unrelated to files of this machine. */
  #abstractSocket({ prefix, host }: HaproxyAddress): string | undefined {
    const { folder, trust } = this.#options;
    if (trust || prefix === undefined || !/^abnsz?$/.test(prefix)) return undefined;
    return `${prefix}@${basename(folder)}-${host.slice(-60)}`;
  }

  /** Health checks go to the stub of their server, also where a line names another port; agent checks reach nothing. */
  #checkText({ what, owner, server }: CheckTarget): string {
    const pool = poolOf(this.#layer.wiring, owner);
    const [first] = [...this.#servers].filter(([key]) => key.startsWith(`${pool}/`));
    const known = server === undefined ? first?.[1] : this.#servers.get(`${pool}/${server}`);
    const endpoint = what.startsWith("agent-") ? this.unused : (known ?? this.unused);
    return what.endsWith("addr") ? endpoint.host : String(endpoint.port);
  }

  /** An endpoint for HAProxy whose port no bind uses. */
  async #freeBind(): Promise<Endpoint> {
    for (;;) {
      const endpoint = await this.#options.network.listenAt(HAPROXY);
      if (bindAt(this.#layer.wiring, endpoint.port) === undefined) return endpoint;
    }
  }

  /** Numbered, because two paths may differ only in replaced characters; short, because paths of sockets are limited. */
  #fileFor(path: string): string {
    const known = this.#files.get(path);
    if (known !== undefined) return known;
    const name = `${this.#files.size + 1}-${path.replace(/[^A-Za-z0-9.]+/g, "-").slice(-24)}`;
    const file = join(this.#options.folder, name);
    this.#files.set(path, file);
    return file;
  }

  #file(reference: FileReference): string | undefined {
    const { role, path } = reference;
    switch (role) {
      case "socket":
      case "pid":
        return this.#fileFor(path);
      case "certificate":
      case "key":
        return this.#certificate(path);
      case "certificate-list":
        return this.#certificateList(path);
      case "ca":
        return this.#authority();
      case "base-directory":
        return this.#options.folder;
      default:
        return this.#copy(reference);
    }
  }

  /**
   * The layers' text of the file, or a stand-in. Any other file that is missing keeps its path: without trust its line is left out, with
   * trust HAProxy reports it.
   */
  #copy(reference: FileReference): string | undefined {
    const { role, path } = reference;
    const text = this.#text(path);
    if (text !== undefined) return this.#files.get(path) ?? this.#write(path, text);
    if (this.#options.trust && existsSync(path)) return undefined;
    const standIn = standInFor(reference, this.#layer.config);
    if (standIn === undefined) return role === "state" ? this.#fileFor(path) : undefined;
    this.missing.push({ line: reference.token.line, words: path, reason: standIn.reason });
    return this.#files.get(path) ?? this.#write(path, standIn.text);
  }

  #text(path: string): string | undefined {
    const { maps, config } = this.#layer;
    return maps.get(path)?.text ?? this.#options.textOf(posix.join(posix.dirname(config.file), path));
  }

  #authority(): string {
    return this.#write("authority.pem", labAuthority().certificate);
  }

  #write(path: string, text: string, suffix = ""): string {
    const file = `${this.#fileFor(path)}${suffix}`;
    writeFileSync(file, text, { mode: 0o600 });
    return file;
  }

  /** A certificate by the lab's own authority, for the names of the real one. */
  #certificate(path: string): string {
    const { certificateHosts, hosts } = this.#options;
    const names = certificateHosts.get(path) ?? [];
    return this.#write(path, labCertificate(names.length === 0 ? hosts : names).bundle, ".pem");
  }

  /** The list with the lab's certificates instead of its own (manual section 5.1, crt-list). */
  #certificateList(path: string): string {
    const lines = (this.#text(path) ?? path).split("\n").filter((line) => /^\s*[^#\s]/.test(line));
    const own = lines
      .map((line) => line.trim().replace(/^\S+/, (file) => this.#certificate(file)))
      .map((line) => (this.#options.trust ? line : withAllowedOptions(line)));
    return this.#write(`${path} list`, `${own.join("\n")}\n`);
  }
}

/** The bind of a port; binds of proxies first. */
export function bindAt({ binds }: Pick<HaproxyWiring, "binds">, port: number): HaproxyBind | undefined {
  const own = binds.filter(({ address }) => isOnNetwork(address) && covers(address, port));
  return own.find(({ kind, address }) => kind === "proxy" && !isDatagram(address)) ?? own[0];
}

/** Whether other machines could connect to it: not a UNIX socket, `abns@`, `fd@` … */
function isOnNetwork({ kind }: HaproxyAddress): boolean {
  return kind !== "path" && kind !== "other";
}

function isDatagram({ prefix }: HaproxyAddress): boolean {
  return prefix !== undefined && /^(?:quic|udp|dgram)/.test(prefix);
}

function endpointText({ host, port }: Endpoint): string {
  return `${host}:${port}`;
}
