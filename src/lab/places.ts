// Where everything of an edge lies in a lab: addresses on loopback, and files in the lab's own folder.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Plan } from "../plan/plan.ts";
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
const FIRST_SERVER = 10;

/** Ports below this need a privilege that the lab does without. */
const FIRST_FREE_PORT = 1024;

export class LabPlaces {
  readonly #plan: Plan;
  readonly #network: LabNetwork;
  readonly #folder: string;
  readonly #servers = new Map<string, Endpoint>();
  readonly #binds = new Map<number, Endpoint>();

  constructor(plan: Plan, network: LabNetwork, folder: string) {
    this.#plan = plan;
    this.#network = network;
    this.#folder = folder;
    const ports = [
      ...plan.listeners.map(({ port }) => port.value),
      ...(plan.stats === null ? [] : [plan.stats.port.value]),
    ];
    for (const port of ports)
      this.#binds.set(port, {
        host: network.address(HAPROXY),
        port: port < FIRST_FREE_PORT ? port + 20_000 : port,
      });
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

  /** What of the rendered configuration is written otherwise for the lab: addresses and paths. */
  rewrites(): LabRewrites {
    return {
      bind: ({ kind, address }) => {
        if (kind !== "proxy") return undefined;
        const endpoint = this.#binds.get(address.ports?.from ?? 0);
        return endpoint === undefined ? undefined : `${endpoint.host}:${endpoint.port}`;
      },
      server: ({ owner, name }) => {
        const endpoint = this.#servers.get(`${serving(owner)}/${name}`);
        return endpoint === undefined ? undefined : `${endpoint.host}:${endpoint.port}`;
      },
      source: ({ decidesProxy }) => (decidesProxy ? this.from("load balancer") : undefined),
      log: () => `${this.from("inside")}:514`,
      file: ({ role, path }) => this.#file(role, path),
      withoutRoot: true,
    };
  }

  #file(role: string, path: string): string | undefined {
    if (role === "socket" || role === "pid")
      return join(this.#folder, path.replace(/[^A-Za-z0-9.]+/g, "-").slice(-40));
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
    const file = join(this.#folder, `${path.replace(/[^A-Za-z0-9.]+/g, "-")}.pem`);
    writeFileSync(file, labCertificate(names).bundle, { mode: 0o600 });
    return file;
  }
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
function hostNames(plan: Plan): readonly string[] {
  const names = plan.sites.flatMap(({ hosts }) =>
    hosts.flatMap(({ kind, name }) => (kind === "exact" ? [name] : kind === "wildcard" ? [`*.${name}`] : [])),
  );
  return names.length === 0 ? ["localhost"] : [...new Set(names)];
}
