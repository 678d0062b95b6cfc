// The rendered edge of edge.yaml on loopback, in front of one server; and its log.
import { join } from "node:path";
import { planOf, writeRunnable } from "../../bench/runnable.ts";
import type { Haproxy } from "../../src/haproxy/find.ts";
import { HaproxyProcess } from "../../src/haproxy/process.ts";
import { labCertificate } from "../../src/lab/certificates.ts";
import type { Plan } from "../../src/plan/plan.ts";
import { showInfo } from "../../test/haproxy/runtime-statistics.ts";
import { APP_HOST, DENIED_HOST } from "./attacks/attack.ts";
import { ask, type Endpoint } from "./client.ts";

/** A line of the access log, of the fields that the suite reads. */
export interface LogLine {
  /** The request's target as it arrived. */
  readonly path?: string;
  readonly backend?: string;
  /** `<NOSRV>` where HAProxy answered itself. */
  readonly server?: string;
  readonly status: number;
  readonly retries?: string;
  /** `--` when nothing went wrong (HAProxy manual, 8.5). */
  readonly end: string;
}

export interface Edge {
  readonly endpoints: {
    readonly http1: Endpoint;
    readonly http2: Endpoint;
    readonly http2WithoutTls: Endpoint;
  };
  /** Every line since the last call; waits until the requests sent before are logged. */
  readonly logLines: () => Promise<readonly LogLine[]>;
  /** Lines that HAProxy dropped since the last call, because this process did not read them in time. */
  readonly droppedLines: () => Promise<number>;
  /** HAProxy's, as "3.2". */
  readonly branch: string;
  readonly stop: () => Promise<unknown>;
}

export const edgeFile: string = join(import.meta.dirname, "edge.yaml");

export const guardedPlan = (): Promise<Plan> => planOf(edgeFile);

export async function startEdge(
  plan: Plan,
  { haproxy, host, folder, backend }: { haproxy: Haproxy; host: string; folder: string; backend: string },
): Promise<Edge> {
  const certificate = labCertificate([APP_HOST, DENIED_HOST]).bundle;
  const { configFile } = writeRunnable(plan, folder, { host, backend, certificate });
  let lines: LogLine[] = [];
  let heard: ((line: LogLine) => void) | undefined;
  const haproxyProcess = await HaproxyProcess.start({
    haproxy,
    configFile,
    cwd: folder,
    onLog: (text) => {
      const line = JSON.parse(text) as LogLine;
      lines.push(line);
      heard?.(line);
    },
  });
  const port = (name: string) => {
    const listener = plan.listeners.find((one) => one.name === name);
    if (listener === undefined) throw new Error(`no listener ${name} in ${edgeFile}`);
    return listener.port.value;
  };
  const endpoint = (name: string, protocol: Endpoint["protocol"]): Endpoint => ({
    host,
    port: port(name),
    protocol,
  });
  const http1 = endpoint("http", "HTTP/1");
  let barriers = 0;
  let dropped = 0;
  return {
    endpoints: {
      http1,
      http2: endpoint("https", "HTTP/2"),
      http2WithoutTls: endpoint("http", "HTTP/2 without TLS"),
    },
    branch: haproxy.branch,
    logLines: async () => {
      barriers += 1;
      const target = `/answer?barrier=${barriers}`;
      await new Promise<void>((passed) => {
        // The line itself may be dropped.
        const again = setInterval(() => void fetchThrough(http1, target), 2_000);
        heard = ({ path }) => {
          if (path !== target) return;
          clearInterval(again);
          passed();
        };
        void fetchThrough(http1, target);
      });
      const seen = lines.filter(({ path }) => path?.startsWith("/answer?barrier=") !== true);
      lines = [];
      return seen;
    },
    droppedLines: async () => {
      const before = dropped;
      dropped = (await showInfo(join(folder, "admin.sock"))).droppedLogs;
      return dropped - before;
    },
    stop: () => haproxyProcess.stop(),
  };
}

async function fetchThrough(endpoint: Endpoint, target: string): Promise<void> {
  await ask(
    endpoint,
    Buffer.from(`GET ${target} HTTP/1.1\r\nHost: ${APP_HOST}\r\nConnection: close\r\n\r\n`),
  );
}
