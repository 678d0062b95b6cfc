// The lab: a real HAProxy on loopback with the rendered configuration, and doubles for everything around it.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { EmittedFile } from "../emit/file.ts";
import { emitHaproxy } from "../emit/haproxy/emit-haproxy.ts";
import type { Haproxy } from "../haproxy/find.ts";
import { HaproxyProcess } from "../haproxy/process.ts";
import type { Plan } from "../plan/plan.ts";
import { parseHaproxyConfig, printHaproxyConfig } from "../wiring/haproxy/config.ts";
import { readHaproxyWiring } from "../wiring/haproxy/read.ts";
import { labAuthority } from "./certificates.ts";
import { type Backend, openBackend } from "./doubles/backend.ts";
import { createExchangeLog, type ExchangeLog } from "./doubles/exchange-log.ts";
import { openLoadBalancer } from "./doubles/load-balancer.ts";
import type { LoadBalancer } from "./doubles/load-balancer-spec.ts";
import { LabClient } from "./http/client.ts";
import { claimNetwork, type LabNetwork } from "./network.ts";
import { backendPlaces, LabPlaces, loadBalancerSpec } from "./places.ts";
import { rewriteForLab } from "./rewrite.ts";
import { type LabAnswer, type LabRequestOptions, sendThrough } from "./send.ts";

export interface LabOptions {
  readonly haproxy: Haproxy;
  /** Called with every line HAProxy logs to stdout. */
  readonly onLog?: (line: string) => void;
  /** The haproxy layer to run, where it is another than the plan renders to; the plan still says who stands around it. */
  readonly files?: readonly EmittedFile[];
}

/**
 * Starts HAProxy with what `plan` renders to, and the doubles around it. Rejects with HaproxyFailure, which carries
 * HAProxy's own words, where it does not start. Close it when done: it holds a process and sockets.
 */
export async function openLabOf(plan: Plan, options: LabOptions): Promise<Lab> {
  const network = await claimNetwork();
  let opened: Opened | undefined;
  try {
    opened = {
      network,
      folder: mkdtempSync(join(tmpdir(), "portico-lab-")),
      backends: new Map(),
      exchanges: createExchangeLog(),
      client: new LabClient(),
    };
    return await openAll(plan, options, opened);
  } catch (error) {
    await (opened === undefined ? network.release() : closeAll(opened));
    throw error;
  }
}

interface Opened {
  readonly network: LabNetwork;
  readonly folder: string;
  readonly backends: Map<string, Backend>;
  readonly exchanges: ExchangeLog;
  readonly client: LabClient;
  loadBalancer?: LoadBalancer;
  haproxy?: HaproxyProcess;
}

type Running = Opened & { readonly loadBalancer: LoadBalancer; readonly haproxy: HaproxyProcess };

export class Lab {
  readonly plan: Plan;
  readonly places: LabPlaces;
  readonly #running: Running;
  #closed: Promise<void> | undefined;

  constructor(plan: Plan, places: LabPlaces, running: Running) {
    this.plan = plan;
    this.places = places;
    this.#running = running;
  }

  get haproxy(): HaproxyProcess {
    return this.#running.haproxy;
  }

  get loadBalancer(): LoadBalancer {
    return this.#running.loadBalancer;
  }

  /** The folder with the configuration as it runs. */
  get folder(): string {
    return this.#running.folder;
  }

  /** The doubles of a backend's servers, in the description's order. */
  backends(name: string): readonly Backend[] {
    return [...this.#running.backends]
      .filter(([key]) => key.startsWith(`${name}/`))
      .map(([, backend]) => backend);
  }

  /**
   * Sends one request the whole way: through the load balancer's double, or from inside the cluster. Never rejects
   * over what the edge does: an answer that does not come is a `refused` one. Rejects when the lab is closed meanwhile.
   */
  async request(url: string, options: LabRequestOptions = {}): Promise<LabAnswer> {
    const { client, exchanges, loadBalancer } = this.#running;
    this.#assertOpen();
    const answer = await sendThrough(
      { plan: this.plan, places: this.places, client, exchanges, loadBalancer },
      url,
      options,
    );
    this.#assertOpen();
    return answer;
  }

  /** Ends everything. Once is enough; calling it again waits for the same end. */
  close(): Promise<void> {
    this.#closed ??= closeAll(this.#running);
    return this.#closed;
  }

  #assertOpen(): void {
    if (this.#closed !== undefined) throw new Error("the lab is closed");
  }
}

/** Puts into `opened` whatever is open, also where it rejects. */
async function openAll(plan: Plan, options: LabOptions, opened: Opened): Promise<Lab> {
  const { network, folder, backends, exchanges } = opened;
  const places = await LabPlaces.of(plan, network, folder);
  for (const { key, spec } of backendPlaces(plan))
    backends.set(key, await openBackend({ ...spec, listen: await places.server(key), exchanges }));
  const configFile = await writeFiles(options.files ?? emitHaproxy(plan), places, folder);
  // Both are waited for, also when one fails: what has opened by then must be closed.
  const [double, running] = await Promise.allSettled([
    loadBalancerSpec(plan, places).then(openLoadBalancer),
    HaproxyProcess.start({
      haproxy: options.haproxy,
      configFile,
      cwd: folder,
      ...(options.onLog === undefined ? {} : { onLog: options.onLog }),
    }),
  ]);
  if (double.status === "fulfilled") opened.loadBalancer = double.value;
  if (running.status === "fulfilled") opened.haproxy = running.value;
  if (double.status === "rejected") throw double.reason;
  if (running.status === "rejected") throw running.reason;
  return new Lab(plan, places, { ...opened, loadBalancer: double.value, haproxy: running.value });
}

async function writeFiles(files: readonly EmittedFile[], places: LabPlaces, folder: string): Promise<string> {
  const configFile = join(folder, "haproxy", "haproxy.cfg");
  writeFileSync(join(folder, "authority.pem"), labAuthority().certificate);
  for (const { path, content } of files) {
    const file = join(folder, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, file === configFile ? await playable(content, path, places) : content);
  }
  return configFile;
}

async function playable(content: string, path: string, places: LabPlaces): Promise<string> {
  const config = parseHaproxyConfig(content, path);
  const wiring = readHaproxyWiring(config);
  await places.makeRoom(wiring);
  return printHaproxyConfig(rewriteForLab(config, places.rewrites(), wiring));
}

async function closeAll({ haproxy, loadBalancer, backends, client, network, folder }: Opened): Promise<void> {
  client.close();
  await Promise.all([
    haproxy?.stop(),
    loadBalancer?.close(),
    ...[...backends.values()].map((backend) => backend.close()),
  ]);
  await network.release();
  rmSync(folder, { recursive: true, force: true });
}
