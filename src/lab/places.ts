// Where everything of an edge lies in a lab: addresses on loopback, and files in the lab's own folder.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Plan } from "../plan/plan.ts";
import type { HaproxyAddress } from "../wiring/haproxy/address.ts";
import type { CheckTarget, HaproxyWiring } from "../wiring/haproxy/wiring.ts";
import { labCertificate } from "./certificates.ts";
import type { BackendSpec } from "./doubles/backend.ts";
import type { LoadBalancerSpec } from "./doubles/load-balancer-spec.ts";
import type { Endpoint, LabNetwork } from "./network.ts";
import type { LabRewrites } from "./rewrite.ts";

/** Hosts of the lab's network. */
const HAPROXY = 1;
const LOAD_BALANCER = 2;
const STRANGER = 3;
const INSIDE = 4;
/** Stands for everything that the lab has no double for: nothing listens there. */
const NOWHERE = 5;
const FIRST_SERVER = 10;

/** Ports below this need a privilege that the lab does without. */
const FIRST_FREE_PORT = 1024;

export class LabPlaces {
  readonly #plan: Plan;
  readonly #network: LabNetwork;
  readonly #folder: string;
  readonly #servers = new Map<string, Endpoint>();
  readonly #binds = new Map<number, Endpoint>();
  /** Binds that only raw lines have, by the address as written there. */
  readonly #otherBinds = new Map<string, Endpoint>();
  readonly #files = new Map<string, string>();
  readonly #nowhere: Endpoint;

  private constructor(plan: Plan, network: LabNetwork, folder: string, nowhere: Endpoint) {
    this.#plan = plan;
    this.#network = network;
    this.#folder = folder;
    this.#nowhere = nowhere;
  }

  static async of(plan: Plan, network: LabNetwork, folder: string): Promise<LabPlaces> {
    const places = new LabPlaces(plan, network, folder, await network.listenAt(NOWHERE));
    const ports = portsOf(plan);
    for (const port of ports)
      places.#binds.set(
        port,
        port < FIRST_FREE_PORT ? await places.#freeBind() : { host: network.address(HAPROXY), port },
      );
    return places;
  }

  /** Finds a place for every bind that the plan does not know: what raw lines bind stays in the lab too. */
  async makeRoom({ binds }: Pick<HaproxyWiring, "binds">): Promise<void> {
    for (const { kind, address } of binds) {
      const planned = kind === "proxy" && this.#binds.has(address.ports?.from ?? 0);
      if (!planned && isOnNetwork(address) && !this.#otherBinds.has(address.text))
        this.#otherBinds.set(address.text, await this.#freeBind());
    }
  }

  /** Where HAProxy listens instead of on this port. */
  bind(port: number): Endpoint {
    const endpoint = this.#binds.get(port);
    if (endpoint === undefined) throw new RangeError(`HAProxy binds no port ${port}`);
    return endpoint;
  }

  /** The address that the load balancer's double connects from, and that callers inside the cluster and strangers have. */
  from(who: "load balancer" | "inside" | "stranger"): string {
    return this.#network.address(
      who === "load balancer" ? LOAD_BALANCER : who === "inside" ? INSIDE : STRANGER,
    );
  }

  /** Where the double of a server listens; `key` is `backend/server`. */
  async server(key: string): Promise<Endpoint> {
    const known = this.#servers.get(key);
    if (known !== undefined) return known;
    const endpoint = await this.#network.listenAt(FIRST_SERVER + (this.#servers.size % 200));
    this.#servers.set(key, endpoint);
    return endpoint;
  }

  loadBalancer(): Promise<Endpoint> {
    return this.#network.listenAt(LOAD_BALANCER);
  }

  /**
   * What of the rendered configuration is written otherwise for the lab: addresses and paths. No address to listen on or
   * to call is left as it is, those of raw lines included, so that a lab stays in its own network.
   */
  rewrites(): LabRewrites {
    return {
      bind: ({ kind, address }) => this.#bindText(kind === "proxy", address),
      server: ({ owner, name, address }) =>
        isOnNetwork(address)
          ? endpointText(this.#servers.get(`${serving(owner)}/${name}`) ?? this.#nowhere)
          : undefined,
      nameServer: ({ address }) => (isOnNetwork(address) ? endpointText(this.#nowhere) : undefined),
      dispatch: (address) => (isOnNetwork(address) ? endpointText(this.#nowhere) : undefined),
      check: (target) => this.#checkText(target),
      localAddress: () => this.#network.address(HAPROXY),
      source: ({ decidesProxy }) => (decidesProxy ? this.from("load balancer") : undefined),
      log: () => `${this.from("inside")}:514`,
      file: ({ role, path }) => this.#file(role, path),
      withoutRoot: true,
    };
  }

  #bindText(planned: boolean, address: HaproxyAddress): string | undefined {
    if (!isOnNetwork(address)) return undefined;
    const endpoint =
      (planned ? this.#binds.get(address.ports?.from ?? 0) : undefined) ?? this.#otherBinds.get(address.text);
    if (endpoint === undefined) throw new Error(`no room was made for the bind ${address.text}`);
    return `${address.prefix?.startsWith("quic") ? "quic4@" : ""}${endpointText(endpoint)}`;
  }

  /** Checks of a double's server go to the double, also where a raw line names another port; agents have none. */
  #checkText({ what, owner, server }: CheckTarget): string {
    const [first] = [...this.#servers].filter(([key]) => key.startsWith(`${serving(owner)}/`));
    const known = server === undefined ? first?.[1] : this.#servers.get(`${serving(owner)}/${server}`);
    const endpoint = what.startsWith("agent-") ? this.#nowhere : (known ?? this.#nowhere);
    return what.endsWith("addr") ? endpoint.host : String(endpoint.port);
  }

  /** A place for HAProxy to listen that no port of the plan has. */
  async #freeBind(): Promise<Endpoint> {
    const taken = portsOf(this.#plan);
    for (;;) {
      const endpoint = await this.#network.listenAt(HAPROXY);
      if (!taken.includes(endpoint.port)) return endpoint;
    }
  }

  /** Numbered, because two paths may differ only in what is taken out; short, because a socket's path must be. */
  #fileFor(path: string): string {
    const known = this.#files.get(path);
    if (known !== undefined) return known;
    const file = join(
      this.#folder,
      `${this.#files.size + 1}-${path.replace(/[^A-Za-z0-9.]+/g, "-").slice(-24)}`,
    );
    this.#files.set(path, file);
    return file;
  }

  #file(role: string, path: string): string | undefined {
    if (role === "socket" || role === "pid") return this.#fileFor(path);
    if (role === "certificate") return this.#certificate(path);
    if (role === "ca") return join(this.#folder, "authority.pem");
    return undefined;
  }

  /** A certificate by the lab's own authority, for the names the real one has. */
  #certificate(path: string): string {
    const described = this.#plan.listeners
      .flatMap(({ tls }) => tls?.certificates ?? [])
      .find(({ file }) => file === path);
    const names =
      described === undefined || described.hosts.length === 0 ? hostNames(this.#plan) : described.hosts;
    const file = `${this.#fileFor(path)}.pem`;
    writeFileSync(file, labCertificate(names).bundle, { mode: 0o600 });
    return file;
  }
}

/** The ports that the plan has HAProxy bind. */
function portsOf({ listeners, stats }: Plan): readonly number[] {
  return [...listeners.map(({ port }) => port.value), ...(stats === null ? [] : [stats.port.value])];
}

/** Whether others than this machine's own processes could be reached by it: not a socket in a file, `abns@`, `fd@` … */
function isOnNetwork({ kind }: HaproxyAddress): boolean {
  return kind !== "path" && kind !== "other";
}

function endpointText({ host, port }: Endpoint): string {
  return `${host}:${port}`;
}

/** The backend whose servers a section has: its own, or of the one it is a variant of. */
export function serving(section: string): string {
  return section.replace(/:retries-\d+$/, "");
}

/** One double a server of every backend; variants share theirs. */
export function backendPlaces(
  plan: Plan,
): readonly { readonly key: string; readonly spec: Omit<BackendSpec, "listen"> }[] {
  return plan.backends
    .filter(({ variantOf }) => variantOf === null)
    .flatMap(({ name, servers, health, tls, proxyProtocol }) =>
      servers.map((server) => ({
        key: `${name}/${server.name}`,
        spec: {
          name,
          ...(health.kind === "http" ? { healthPath: health.path } : {}),
          ...(tls === null
            ? {}
            : { tls: { certificate: labCertificate(tls.sni === null ? hostNames(plan) : [tls.sni]) } }),
          expectProxy: proxyProtocol !== "none",
        },
      })),
    );
}

export async function loadBalancerSpec(plan: Plan, places: LabPlaces): Promise<LoadBalancerSpec> {
  const { loadBalancer, stats } = plan;
  const kind = loadBalancer.kind === "aws-nlb" ? "nlb" : "classic-elb";
  const listeners = loadBalancer.ports.map(async ({ listener, protocol, proxyProtocol }) => {
    const port = plan.listeners.find(({ name }) => name === listener)?.port.value ?? stats?.port.value ?? 0;
    return {
      name: listener,
      listen: await places.loadBalancer(),
      protocol,
      ...(protocol === "tls" ? { certificates: [labCertificate(hostNames(plan))] } : {}),
      targets: [{ id: listener, at: places.bind(port) }],
      proxy: proxyProtocol,
      idleTimeoutMs: loadBalancer.idleTimeoutMs.value,
    };
  });
  return {
    kind,
    listeners: await Promise.all(listeners),
    clientAddress: "preamble",
    localAddress: places.from("load balancer"),
  };
}

/** The names that certificates of this edge cover. */
export function hostNames(plan: Pick<Plan, "sites">): readonly string[] {
  const names = plan.sites.flatMap(({ hosts }) =>
    hosts.flatMap(({ kind, name }) => (kind === "exact" ? [name] : kind === "wildcard" ? [`*.${name}`] : [])),
  );
  return names.length === 0 ? ["localhost"] : [...new Set(names)];
}
