// Opens the lab: starts HAProxy with the layers' own configuration, simulators in front of it, and stub backends.
import type { Environment, Haproxy } from "../haproxy/find.ts";
import { plainEnvironment } from "../haproxy/plain-environment.ts";
import { HaproxyProcess, type HaproxyStart } from "../haproxy/process.ts";
import { makeTemporaryFolder } from "../temporary/temporary-folder.ts";
import { environmentOf, withoutLibraries } from "../wiring/environment.ts";
import type { HaproxyLayer, TrafficPath, Wiring } from "../wiring/wiring.ts";
import { directBinds, withBindPaths } from "./bind-entrances.ts";
import { NONE_BROKEN, openBrokenServers } from "./broken-servers.ts";
import { serviceEndpointsOf, testedHaproxy } from "./entrances.ts";
import type { ExternalLoadBalancer } from "./external-load-balancer.ts";
import { LabClient } from "./http/client.ts";
import { exceedsMaxConnections, MOST_CONNECTIONS, tryThreads, writeConfig } from "./lab-config.ts";
import { closeAll, LayersLab, type Opened } from "./layers-lab.ts";
import { openLoadBalancers } from "./load-balancer-simulators.ts";
import { claimNetwork } from "./network.ts";
import { LabPlaces } from "./places.ts";
import { reach, type SimulatorOptions } from "./reach.ts";
import { podHealth, type StartFailure } from "./start-failure.ts";
import { type Stream, streamOf } from "./stream-log.ts";
import { stubServers } from "./stub-servers.ts";
import { openBackend } from "./stubs/backend.ts";
import { createExchangeLog } from "./stubs/exchange-log.ts";

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
   * Called with what handled each request, when its stream has ended; all are known when the lab is closed. The lab adds lines with `log` to the
   * configuration for it, which change the line numbers in HAProxy's messages.
   */
  readonly onStream?: (stream: Stream) => void;
  /** Why HAProxy does not start in its container: no request reaches it. undefined: it starts. */
  readonly startFailure?: StartFailure | undefined;
  /** Servers whose path in the layers is broken refuse connections, do not answer, or have a name that does not resolve. Default: every server answers. */
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
  const written = { ...options, env, logsStreams: options.onStream !== undefined };
  const start: Omit<HaproxyStart, "configFile"> = {
    haproxy: options.haproxy,
    cwd: folder,
    confinement: options.trust === true ? "none" : "lab",
    singleThread: true,
    env: (ours) =>
      options.trust === true
        ? environmentOf(layer, wiring, { ...options.env, ...ours })
        : { ...plainEnvironment(ours), ...withoutLibraries(env) },
    ...(exceedsMaxConnections(layer) && { maxConnections: MOST_CONNECTIONS }),
    onLog: (line) => report(line, options),
  };
  await tryThreads(layer, places, folder, written, start);
  const { configFile, leftOut } = await writeConfig(layer, places, folder, written);
  const haproxy = await HaproxyProcess.start({ ...start, configFile });
  opened.haproxy = haproxy;
  const { probes, refused } = await podHealth(layer, places, options.startFailure);
  const around: SimulatorOptions = {
    wiring,
    layer,
    places,
    hosts,
    externalLoadBalancers: options.externalLoadBalancers ?? new Map(),
    notReady: refused,
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
    notStarted: options.startFailure && refused,
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
