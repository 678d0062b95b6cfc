// One run of wrk on one contender: requests per second, and CPU time per request of HAProxy.
import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { Contender } from "./contender.ts";
import { pinned } from "./cores.ts";

export interface Load {
  /** `close`: one connection per request. */
  readonly connections: "keep-alive" | "close";
  /** Number of concurrent clients. */
  readonly clients: number;
  /** Whether every connection begins with a PROXY header. */
  readonly proxy: boolean;
  /** A file of lines `METHOD host path [header: value]`, used in turn. */
  readonly requestsFile: string;
}

export interface Spell {
  readonly perSecond: number;
  readonly cpuUsPerRequest: number;
  readonly p99Us: number;
}

/** Throws when a request failed: results of a contender with failures are useless. */
export async function spell(contender: Contender, load: Load, seconds: number): Promise<Spell> {
  const before = contender.cpuNs();
  const { stdout } = await run(
    ...pinned("client", "wrk", [
      "-t1",
      `-c${load.clients}`,
      `-d${seconds}s`,
      "-s",
      script,
      contender.url,
      "--",
      load.connections === "close" ? "CLOSE" : "KEEP",
      load.proxy ? "PROXY" : "PLAIN",
      String(load.clients),
      load.requestsFile,
    ]),
  ).catch((error: Error & { readonly stdout?: string }) => {
    throw new Error(`wrk: ${error.message}${error.stdout ?? ""}`);
  });
  const cpuNs = contender.cpuNs() - before;
  const line = stdout.split("\n").find((text) => text.startsWith("RESULT "));
  if (line === undefined) throw new Error(`wrk printed no result:\n${stdout}`);
  const { requests, durationUs, failed, p99Us } = JSON.parse(line.slice("RESULT ".length)) as Result;
  if (failed > 0 || requests === 0)
    throw new Error(`${contender.name}: ${failed} of ${requests} requests failed`);
  return { perSecond: (requests * 1e6) / durationUs, cpuUsPerRequest: cpuNs / 1000 / requests, p99Us };
}

interface Result {
  readonly requests: number;
  readonly durationUs: number;
  readonly failed: number;
  readonly p99Us: number;
}

const run = promisify(execFile);
const script = fileURLToPath(new URL("load.lua", import.meta.url));
