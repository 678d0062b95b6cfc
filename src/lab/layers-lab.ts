// The lab: a real HAProxy on loopback with the layers' own configuration, behind simulators, with stub backends.
import { setTimeout } from "node:timers/promises";
import type { Environment, Haproxy } from "../haproxy/find.ts";
import { plainEnvironment } from "../haproxy/plain-environment.ts";
import { HaproxyProcess } from "../haproxy/process.ts";
import { makeTemporaryFolder, type TemporaryFolder } from "../temporary/temporary-folder.ts";
import { environmentOf, withoutLibraries } from "../wiring/environment.ts";
import type { HaproxyLayer, TrafficPath, Wiring } from "../wiring/wiring.ts";
import { directBinds, withBindPaths } from "./bind-entrances.ts";
import { type BrokenServers, NONE_BROKEN, openBrokenServers, serverPathText } from "./broken-servers.ts";
import { serviceEndpointsOf, testedHaproxy } from "./entrances.ts";
import type { ExternalLoadBalancer } from "./external-load-balancer.ts";
import { LabClient } from "./http/client.ts";
import { exceedsMaxConnections, MOST_CONNECTIONS, writeConfig } from "./lab-config.ts";
import { type OpenEntrance, type OpenSimulators, openLoadBalancers } from "./load-balancer-simulators.ts";
import { claimNetwork, type Endpoint, type LabNetwork } from "./network.ts";
import type { NotRun } from "./not-run.ts";
import { breakText, trafficPathText } from "./path-text.ts";
import { LabPlaces } from "./places.ts";
import { type HealthReport, notReady, runProbes } from "./pod-probes.ts";
import { reach, type SimulatorOptions } from "./reach.ts";
import { checkRequest } from "./request-options.ts";
import { type LabAnswer, type LabRequestOptions, sendThrough } from "./send.ts";
import { DEFAULT_CLIENT, type SendContext } from "./sent-path.ts";
import type { LoadBalancer } from "./simulators/load-balancer-spec.ts";
import { type Stream, streamOf } from "./stream-log.ts";
import { stubServers } from "./stub-servers.ts";
import { type Backend, openBackend } from "./stubs/backend.ts";
import { createExchangeLog, type ExchangeLog } from "./stubs/exchange-log.ts";

export interface LayersLabOptions {
  readonly haproxy: Haproxy;
  /** Called with every line HAProxy logs to stdout. */
  readonly onLog?: (line: string) => void;
  /** Names of certificates whose names are in no layer. Default: `localhost`. */
  readonly hosts?: readonly string[];
  /** Names of a certificate, by the file that HAProxy reads it from. */
  readonly certificateHosts?: ReadonlyMap<string, readonly string[]>;
  /** Values of `"${NAME}"` in the configuration that neither our environment nor the container sets. */
  readonly env?: Environment;
  /** By port: the load balancer of host ports, and of a Service whose load balancer no annotation describes. */
  readonly externalLoadBalancers?: ReadonlyMap<number, ExternalLoadBalancer>;
  /**
   * Called with what handled each request, when its stream has ended; all are known when the lab is closed. HAProxy gets log lines for it, which
   * change the numbers of the lines in its messages.
   */
  readonly onStream?: (stream: Stream) => void;
  /** Servers whose path in the layers is broken refuse, do not answer or do not resolve. Default: every server answers. */
  readonly followServers?: boolean;
  /** HAProxy gets every line, and the environment of this process. Default: only lines that can do no harm. */
  readonly trust?: boolean;
}

/**
 * Starts HAProxy with the configuration of some layers, and simulators of the load balancers that the layers describe,
 * which forward along the layers' traffic paths. Rejects with HaproxyFailure, which carries HAProxy's messages, when it
 * does not start, and throws when the layers have no HAProxy. Close it when done: it holds a process and sockets.
 */
export async function openLabOfLayers(layers: Wiring, options: LayersLabOptions): Promise<LayersLab> {
  const wiring = withBindPaths(layers);
  const layer = testedHaproxy(wiring);
  if (layer === undefined) throw new RangeError("the layers have no HAProxy configuration");
  const network = await claimNetwork();
  let opened: Opened | undefined;
  try {
    opened = {
      network,
      folder: makeTemporaryFolder(),
      backends: new Map(),
      broken: NONE_BROKEN,
      loadBalancers: [],
      exchanges: createExchangeLog(),
      client: new LabClient(),
      untilLogged: options.onStream !== undefined,
    };
    return await openAll(wiring, layer, options, opened);
  } catch (error) {
    await (opened === undefined ? network.release() : closeAll(opened));
    throw error;
  }
}

interface Opened {
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
    const { entrances, reach } = this.#running.send;
    return this.wiring.trafficPaths.map((path) => {
      const open = entrances.find(({ entrance }) => entrance.trafficPaths.includes(path));
      if (path.start === "bind") return { path, text: trafficPathText(path), refused: refusedAtBind(path) };
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

function refusedAtBind({ brokenAt }: TrafficPath): string | null {
  return brokenAt === undefined ? null : breakText(brokenAt);
}

/** `is only a`, `are a, b`, `is none`: follows "there". */
function listed(names: readonly string[]): string {
  if (names.length < 2) return `is ${names.length === 0 ? "none" : `only ${names[0]}`}`;
  return `are ${names.join(", ")}`;
}

/** Puts everything that it opens into `opened`, also when it rejects. */
async function openAll(
  wiring: Wiring,
  layer: HaproxyLayer,
  options: LayersLabOptions,
  opened: Opened,
): Promise<LayersLab> {
  const { network, exchanges, client } = opened;
  const folder = opened.folder.path;
  const hosts = options.hosts === undefined || options.hosts.length === 0 ? ["localhost"] : options.hosts;
  if (options.followServers === true) opened.broken = await openBrokenServers(layer, wiring, network);
  const bindPaths = wiring.trafficPaths.filter(({ start }) => start === "bind");
  const places = await LabPlaces.of(layer, {
    network,
    folder,
    hosts,
    certificateHosts: options.certificateHosts ?? new Map(),
    textOf: (path) => wiring.files.find(({ file }) => file === path)?.text,
    trust: options.trust === true,
    broken: opened.broken,
    direct: bindPaths.length === 0 ? new Set() : directBinds(layer),
  });
  for (const { key, spec } of stubServers(layer.wiring, hosts))
    if (!opened.broken.places.has(key))
      opened.backends.set(key, await openBackend({ ...spec, listen: await places.server(key), exchanges }));
  const env = environmentOf(layer, wiring, options.env ?? {});
  const { configFile, leftOut } = await writeConfig(layer, places, folder, {
    ...options,
    env,
    logsStreams: options.onStream !== undefined,
  });
  const haproxy = await HaproxyProcess.start({
    haproxy: options.haproxy,
    configFile,
    cwd: folder,
    confinement: options.trust === true ? "none" : "lab",
    env: (ours) =>
      options.trust === true
        ? environmentOf(layer, wiring, { ...options.env, ...ours })
        : { ...plainEnvironment(ours), ...withoutLibraries(env) },
    ...(exceedsMaxConnections(layer) && { maxConnections: MOST_CONNECTIONS }),
    onLog: (line) => report(line, options),
  });
  opened.haproxy = haproxy;
  const probes = await runProbes(layer, places);
  const externalLoadBalancers = options.externalLoadBalancers ?? new Map();
  const around: SimulatorOptions = {
    wiring,
    layer,
    places,
    hosts,
    externalLoadBalancers,
    notReady: notReady(probes),
  };
  const simulators = await openLoadBalancers(around, opened.loadBalancers);
  const send = {
    places,
    client,
    exchanges,
    entrances: simulators.entrances,
    endpoints: serviceEndpointsOf(wiring),
    reach: (path: TrafficPath) => reach(around, path),
    bindPaths,
  };
  return new LayersLab(wiring, places, [...probes, ...simulators.health], {
    ...opened,
    haproxy,
    layer,
    leftOut,
    simulators,
    send,
  });
}

function report(line: string, { onLog, onStream }: LayersLabOptions): void {
  const stream = onStream === undefined ? undefined : streamOf(line);
  if (stream === undefined) onLog?.(line);
  else onStream?.(stream);
}

/** A stream that is still open then is not logged. */
const LOG_WAIT_MS = 2_000;

async function closeAll(opened: Opened): Promise<void> {
  const { haproxy, loadBalancers, backends, broken, client, network, folder, untilLogged } = opened;
  client.close();
  if (untilLogged && haproxy !== undefined)
    await Promise.race([
      haproxy.stop({ graceful: true }),
      setTimeout(LOG_WAIT_MS, undefined, { ref: false }),
    ]);
  await Promise.all([
    haproxy?.stop(),
    ...loadBalancers.map((simulator) => simulator.close()),
    ...[...backends.values()].map((backend) => backend.close()),
    broken.close(),
  ]);
  await network.release();
  folder.remove();
}
