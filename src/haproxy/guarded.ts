// A HAProxy master process and its guardian as streams and promises; what HaproxyProcess is made of.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { constants, tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import type { Readable, Writable } from "node:stream";
import { chosenEnvironment, type EnvironmentChoice, type Haproxy } from "./find.ts";
import { guardianScript } from "./guardian.ts";
import { openMasterSocket } from "./master-socket.ts";
import { type Message, parseMessages } from "./messages.ts";

export interface HaproxyStart {
  readonly haproxy: Pick<Haproxy, "path" | "version">;
  readonly configFile: string;
  /** Relative paths, in the configuration too, count from here. Ours unless given. */
  readonly cwd?: string;
  /** What `"${NAME}"` in the configuration sees. Ours unless given. */
  readonly env?: EnvironmentChoice;
  /** Instead of the global `maxconn`, which a machine's limit of file descriptors may be too low for (management guide, 3, `-n`). */
  readonly maxConnections?: number;
  /** Called with every line on stdout from the first one on; `onLog` hears those after the start. */
  readonly onLog?: (line: string) => void;
}

export interface HaproxyExit {
  /** The exit status, or null where a signal ended it. */
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** What it said on stderr, the last 500 lines at most. */
  readonly messages: readonly Message[];
  readonly output: string;
}

export interface Load {
  readonly ok: boolean;
  readonly messages: readonly Message[];
}

/** HAProxy and its guardian, as streams and promises. */
export interface Guarded {
  readonly pid: Promise<number>;
  readonly exited: Promise<HaproxyExit>;
  readonly logListeners: Set<(line: string) => void>;
  /** The outcome of the next loading of the configuration that HAProxy reports. */
  nextLoad(): Promise<Load>;
  /** Resolves when signals are safe to send, or HAProxy is gone. */
  masterAtRest(): Promise<unknown>;
  send(signal: "TERM" | "USR1" | "USR2"): void;
  kill(): void;
}

/** What the master process says when its worker runs (2.6, 3.0, 3.2 alike), and when it could not be loaded (2.6 and 3.0; 3.2). */
const loadSucceeded = /: Loading success\.$/;
const loadFailed = /: (Loading failure!|Failed to load worker )/;

const keptLines = 500;

/** Starts HAProxy under a guardian. Its folder is ours alone, and gone when HAProxy is: the master's socket lies in it. */
export async function guard(start: HaproxyStart): Promise<Guarded> {
  const { haproxy, configFile, cwd, env, maxConnections, onLog } = start;
  const folder = await mkdtemp(join(tmpdir(), "portico-master-"));
  const master = await openMasterSocket(folder);
  const command = [haproxy.path, "-W", "-db", "-S", "fd@4", "-f", configFile];
  if (maxConnections !== undefined) command.push("-n", String(maxConnections));
  const guardian = spawn("/bin/sh", ["-c", guardianScript, "guardian", folder, ...command], {
    detached: true,
    env: { ...chosenEnvironment(env) },
    stdio: ["pipe", "pipe", "pipe", "pipe", master.descriptor],
    ...(cwd === undefined ? {} : { cwd }),
  });
  master.handOver();
  const { control, stdout, stderr, status } = streamsOf(guardian);
  // The guardian may be gone before it is told to do something: that is no failure, `exited` says what happened.
  control.on("error", () => undefined);

  const logListeners = new Set(onLog === undefined ? [] : [onLog]);
  eachLine(stdout, (line) => {
    for (const listener of logListeners) listener(line);
  });

  const said: string[] = [];
  let load: { readonly lines: string[]; readonly settle: (load: Load) => void } | undefined;
  eachLine(stderr, (line) => {
    said.push(line);
    if (said.length > keptLines) said.shift();
    load?.lines.push(line);
    const ok = loadSucceeded.test(line);
    if (!ok && !loadFailed.test(line)) return;
    load?.settle({ ok, messages: parseMessages((load?.lines ?? []).join("\n")) });
    load = undefined;
  });

  const report = readStatus(status);
  const exited = exitOf(guardian, report.exit, said).finally(() =>
    rm(folder, { recursive: true, force: true }),
  );
  return {
    pid: report.pid,
    exited,
    logListeners,
    nextLoad: () =>
      new Promise((settle) => {
        load = { lines: [], settle };
      }),
    masterAtRest: () => master.answered().catch(() => exited),
    send: (signal) => control.write(`${signal}\n`),
    kill: () => control.end(),
  };
}

function streamsOf(guardian: ChildProcess): {
  control: Writable;
  stdout: Readable;
  stderr: Readable;
  status: Readable;
} {
  const { stdin: control, stdout, stderr, stdio } = guardian;
  const status = stdio[3];
  if (!control || !stdout || !stderr || !status) throw new Error("spawn made no pipes though it was told to");
  return { control, stdout, stderr, status: status as Readable };
}

/** Not `node:readline`: that ends a line at U+2028 and a lone carriage return too, which a request may carry into a log line. */
function eachLine(stream: Readable, listener: (line: string) => void): void {
  let rest = "";
  stream.setEncoding("utf8");
  stream.on("data", (chunk: string) => {
    const lines = (rest + chunk).split("\n");
    rest = lines.pop() ?? "";
    lines.forEach(listener);
  });
  stream.on("end", () => {
    if (rest !== "") listener(rest);
  });
}

function readStatus(status: Readable): { pid: Promise<number>; exit: Promise<number | undefined> } {
  const pid = Promise.withResolvers<number>();
  const exit = Promise.withResolvers<number | undefined>();
  eachLine(status, (line) => {
    const [word, number] = line.split(" ");
    (word === "pid" ? pid : exit).resolve(Number(number));
  });
  status.on("close", () => exit.resolve(undefined));
  return { pid: pid.promise, exit: exit.promise };
}

/** `close` comes after the last byte of every stream, and so after HAProxy's last words. */
async function exitOf(
  guardian: ChildProcess,
  status: Promise<number | undefined>,
  said: readonly string[],
): Promise<HaproxyExit> {
  // A guardian that was killed itself leaves HAProxy running, with its streams open: end the whole process group.
  guardian.on("exit", () => killGroup(guardian.pid));
  const closed = await once(guardian, "close").catch((error: Error) => error);
  const output = said.join("\n");
  if (closed instanceof Error)
    return { code: null, signal: null, messages: [], output: `/bin/sh: ${closed.message}` };
  const code = (await status) ?? 128 + constants.signals.SIGKILL;
  const signal = code > 128 ? signalOf(code - 128) : null;
  return { code: signal === null ? code : null, signal, messages: parseMessages(output), output };
}

function killGroup(leader: number | undefined): void {
  if (leader === undefined) return;
  try {
    process.kill(-leader, "SIGKILL");
  } catch {
    // Nobody is left in it: that is what was wanted.
  }
}

function signalOf(number: number): NodeJS.Signals | null {
  const names = Object.keys(constants.signals) as NodeJS.Signals[];
  return names.find((name) => constants.signals[name] === number) ?? null;
}
