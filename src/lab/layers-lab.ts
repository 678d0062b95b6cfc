// The open lab: a real HAProxy on loopback with the layers' own configuration, behind simulators, with stub backends.
import { setTimeout } from "node:timers/promises";
import type { HaproxyProcess } from "../haproxy/process.ts";
import type { TemporaryFolder } from "../temporary/temporary-folder.ts";
import type { HaproxyLayer, TrafficPath, Wiring } from "../wiring/wiring.ts";
import { type BrokenServers, NONE_BROKEN, serverPathText } from "./broken-servers.ts";
import type { LabClient } from "./http/client.ts";
import type { OpenEntrance, OpenSimulators } from "./load-balancer-simulators.ts";
import type { Endpoint, LabNetwork } from "./network.ts";
import type { NotRun } from "./not-run.ts";
import { breakText, trafficPathText } from "./path-text.ts";
import type { LabPlaces } from "./places.ts";
import type { HealthReport } from "./pod-probes.ts";
import { checkRequest } from "./request-options.ts";
import { type LabAnswer, type LabRequestOptions, sendThrough } from "./send.ts";
import { DEFAULT_CLIENT, type SendContext } from "./sent-path.ts";
import type { LoadBalancer } from "./simulators/load-balancer-spec.ts";
import type { Backend } from "./stubs/backend.ts";
import type { ExchangeLog } from "./stubs/exchange-log.ts";

/** Closed with the lab. */
export interface Opened {
  readonly network: LabNetwork;
  readonly folder: TemporaryFolder;
  readonly backends: Map<string, Backend>;
  broken: BrokenServers;
  readonly loadBalancers: LoadBalancer[];
  readonly exchanges: ExchangeLog;
  readonly client: LabClient;
  haproxy?: HaproxyProcess;
  /** Whether HAProxy ends its streams before it exits, and logs them. */
  readonly untilLogged: boolean;
}

interface Running extends Opened {
  readonly haproxy: HaproxyProcess;
  readonly layer: HaproxyLayer;
  readonly leftOut: readonly NotRun[];
  readonly simulators: OpenSimulators;
  readonly send: SendContext;
}

export interface LabPath {
  readonly path: TrafficPath;
  /** Hop by hop. */
  readonly text: string;
  readonly refused: string | null;
}

export class LayersLab {
  readonly wiring: Wiring;
  readonly places: LabPlaces;
  /** Results of the pod's probes and of the load balancers' health checks, in this order. */
  readonly health: readonly HealthReport[];
  /** The lines of the HAProxy configuration that the lab does not run. */
  readonly leftOut: readonly NotRun[];
  readonly #running: Running;
  #closed: Promise<void> | undefined;

  constructor(wiring: Wiring, places: LabPlaces, health: readonly HealthReport[], running: Running) {
    this.wiring = wiring;
    this.places = places;
    this.health = health;
    this.leftOut = running.leftOut;
    this.#running = running;
  }

  get haproxy(): HaproxyProcess {
    return this.#running.haproxy;
  }

  /** One per load balancer of the layers, and one for the ports of hosts. Listeners are named by their port. */
  get loadBalancers(): readonly LoadBalancer[] {
    return this.#running.simulators.loadBalancers;
  }

  /** Every path, and why the default client does not reach HAProxy on it; null: it does. */
  get trafficPaths(): readonly LabPath[] {
    const { entrances, reach, notStarted } = this.#running.send;
    return this.wiring.trafficPaths.map((path) => {
      const open = entrances.find(({ entrance }) => entrance.trafficPaths.includes(path));
      if (path.start === "bind")
        return { path, text: trafficPathText(path), refused: refusedAtBind(path) ?? notStarted ?? null };
      const reached = reach(path);
      const own = "refused" in reached ? reached.refused : undefined;
      return {
        path,
        text: trafficPathText(path, open?.external),
        refused: own ?? open?.refusedFor(DEFAULT_CLIENT) ?? null,
      };
    });
  }

  /** The paths of HAProxy's own connections to Services, and why they do not arrive; null: they do, or it is not known. */
  get serverPaths(): readonly { readonly text: string; readonly refused: string | null }[] {
    const own = this.wiring.serverPaths.filter(({ haproxy }) => haproxy === this.haproxyLayer);
    const followed = this.#running.broken === NONE_BROKEN ? [] : own;
    return [...new Map(followed.map((path) => [serverPathText(path), path]))].map(([text, { brokenAt }]) => ({
      text,
      refused: brokenAt?.effect === undefined ? null : brokenAt.because,
    }));
  }

  /** The layer whose configuration runs. */
  get haproxyLayer(): HaproxyLayer {
    return this.#running.layer;
  }

  /** The folder with the configuration as it runs. */
  get folder(): string {
    return this.#running.folder.path;
  }

  /** The stub servers of a backend, in the configuration's order. Throws a RangeError for an unknown backend. */
  backends(name: string): readonly Backend[] {
    const all = [...this.#running.backends];
    const found = all.filter(([key]) => key.startsWith(`${name}/`)).map(([, backend]) => backend);
    if (found.length > 0) return found;
    const names = new Set(all.map(([key]) => key.slice(0, key.lastIndexOf("/"))));
    throw new RangeError(`there is no backend \`${name}\` with servers; there ${listed([...names])}`);
  }

  /** Where a public port listens in the lab. Throws when there is none. */
  entrance(port: number): Endpoint {
    return this.#open(port).endpoint;
  }

  /** Why a connection to this port from this client address does not reach HAProxy; undefined: it does. Throws for an unknown port. */
  refusedAt(port: number, client: string): string | undefined {
    return this.#open(port).refusedFor(client);
  }

  /**
   * Sends one request along the whole path: through the simulated load balancer, or from inside the cluster. Never rejects
   * because of the edge's behaviour: a missing answer is a `refused` one. Rejects with a RangeError or TypeError for a
   * URL or options that cannot be sent, and when the lab is closed meanwhile.
   */
  async request(url: string, options: LabRequestOptions = {}): Promise<LabAnswer> {
    this.#assertOpen();
    checkRequest(url, options);
    const answer = await sendThrough(this.#running.send, url, options);
    this.#assertOpen();
    const servers =
      answer.status === 503 && answer.backend === null ? this.#brokenBehind(answer.listener) : [];
    return servers.length === 0 ? answer : { ...answer, servers };
  }

  #brokenBehind(frontend: string | null): readonly string[] {
    if (this.#running.broken === NONE_BROKEN) return [];
    const { proxies } = this.haproxyLayer.wiring;
    const { defaultBackend, useBackends = [] } = proxies.find(({ name }) => name === frontend) ?? {};
    const names = [frontend, defaultBackend?.value, ...useBackends.map(({ name }) => name)];
    const any = names.some((name) => name?.includes("%["));
    const behind = this.wiring.serverPaths.filter(
      ({ haproxy, proxy, brokenAt }) =>
        haproxy === this.haproxyLayer &&
        brokenAt?.effect !== undefined &&
        (any || names.includes(proxy.name)),
    );
    return [...new Set(behind.map(serverPathText))];
  }

  /** Closes everything. Idempotent. */
  close(): Promise<void> {
    this.#closed ??= closeAll(this.#running);
    return this.#closed;
  }

  /** `await using lab = …` closes it at the end of the block. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #open(port: number): OpenEntrance {
    const open = this.#running.simulators.entrances.find(({ entrance }) => entrance.port === port);
    if (open !== undefined) return open;
    const ports = new Set(this.#running.simulators.entrances.map(({ entrance }) => String(entrance.port)));
    throw new RangeError(`no port ${port} leads to HAProxy; there ${listed([...ports])}`);
  }

  #assertOpen(): void {
    if (this.#closed !== undefined) throw new Error("the lab is closed");
  }
}

function refusedAtBind({ brokenAt }: TrafficPath): string | undefined {
  return brokenAt && breakText(brokenAt);
}

/** `is only a`, `are a, b`, `is none`: follows "there". */
function listed(names: readonly string[]): string {
  if (names.length < 2) return `is ${names.length === 0 ? "none" : `only ${names[0]}`}`;
  return `are ${names.join(", ")}`;
}

/** The maximum wait for streams that stay open after their client has disconnected. They are not logged. */
const LOG_WAIT_MS = 10_000;

export async function closeAll(opened: Opened): Promise<void> {
  const { haproxy, loadBalancers, backends, broken, client, network, folder, untilLogged } = opened;
  client.close();
  await Promise.all(loadBalancers.map((simulator) => simulator.close()));
  if (untilLogged && haproxy !== undefined)
    await Promise.race([
      haproxy.stop({ graceful: true }),
      setTimeout(LOG_WAIT_MS, undefined, { ref: false }),
    ]);
  await Promise.all([
    haproxy?.stop(),
    ...[...backends.values()].map((backend) => backend.close()),
    broken.close(),
  ]);
  await network.release();
  folder.remove();
}
