// A HAProxy under test: one process on its own core, its log read by `cat`, with its CPU time and memory.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { connect } from "node:net";
import process from "node:process";
import { pinned, type Role } from "./cores.ts";

export interface Contender {
  readonly name: string;
  readonly url: string;
  readonly pid: number;
  readonly startedInMs: number;
  /** CPU time of all its threads so far, user and system. */
  readonly cpuNs: () => number;
  /** Resident memory in bytes. */
  readonly residentBytes: () => number;
  /** Number of open descriptors. */
  readonly descriptors: () => number;
  readonly stop: () => Promise<void>;
}

export interface ContenderStart {
  readonly name: string;
  readonly haproxy: string;
  readonly configFile: string;
  /** Base of relative paths in the configuration. */
  readonly folder: string;
  readonly host: string;
  readonly port: number;
  readonly role?: Role;
  /** Limit of open descriptors (RLIMIT_NOFILE). */
  readonly descriptors?: number;
}

/** Resolves when the port answers. Throws with HAProxy's messages when it exits before. */
export async function startContender({
  name,
  haproxy,
  configFile,
  folder,
  host,
  port,
  role = "haproxy",
  descriptors,
}: ContenderStart): Promise<Contender> {
  const began = performance.now();
  const plain: [string, ...string[]] = [haproxy, "-db", "-f", configFile];
  const [command, args] = pinned(role, ...limited(plain, descriptors));
  const child = spawn(command, args, { cwd: folder, stdio: ["ignore", "pipe", "pipe"] });
  // The reader of a container's log is another process too, and waking it costs HAProxy time.
  const reader = spawn(...pinned("client", "cat", []), { stdio: [child.stdout, "ignore", "ignore"] });
  // Node must not read the log.
  child.stdout.destroy();
  const chunks: string[] = [];
  child.stderr.on("data", (chunk: Buffer) => chunks.push(chunk.toString()));
  const ended = once(child, "exit");
  const stop = async () => {
    child.kill("SIGTERM");
    await ended;
    reader.kill();
    running.delete(child);
  };
  running.add(child);
  const up = await Promise.race([portAnswers(host, port).then(() => true), ended.then(() => false)]);
  const { pid } = child;
  if (!up || pid === undefined) throw new Error(`${name} did not start: ${chunks.join("")}`);
  return {
    name,
    url: `http://${host}:${port}/`,
    pid,
    startedInMs: performance.now() - began,
    cpuNs: () => cpuNs(pid),
    residentBytes: () => residentBytes(pid),
    descriptors: () => readdirSync(`/proc/${pid}/fd`).length,
    stop,
  };
}

function limited(
  [command, ...args]: [string, ...string[]],
  descriptors: number | undefined,
): [command: string, args: readonly string[]] {
  if (descriptors === undefined) return [command, args];
  return ["sh", ["-c", `ulimit -n ${descriptors} && exec "$0" "$@"`, command, ...args]];
}

const running = new Set<ChildProcess>();
process.on("exit", () => {
  for (const child of running) child.kill("SIGKILL");
});
for (const signal of ["SIGINT", "SIGTERM"] as const)
  process.once(signal, () => process.exit(128 + (signal === "SIGINT" ? 2 : 15)));

/** Another process's listening port has no event: polled every few ms. */
export async function portAnswers(host: string, port: number): Promise<void> {
  const socket = connect(port, host);
  const up = await Promise.race([
    once(socket, "connect").then(() => true),
    once(socket, "error").then(() => false),
  ]).catch(() => false);
  socket.destroy();
  if (up) return;
  const { promise, resolve } = Promise.withResolvers<void>();
  setTimeout(resolve, 5);
  await promise;
  return portAnswers(host, port);
}

/** Linux: /proc/PID/task/TID/schedstat, first number (Documentation/scheduler/sched-stats.rst); in ns, where /proc/PID/stat has ticks of 10 ms. */
function cpuNs(pid: number): number {
  return readdirSync(`/proc/${pid}/task`).reduce(
    (sum, task) => sum + Number(readFileSync(`/proc/${pid}/task/${task}/schedstat`, "utf8").split(" ")[0]),
    0,
  );
}

function residentBytes(pid: number): number {
  const kib = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
  return Number(kib) * 1024;
}
