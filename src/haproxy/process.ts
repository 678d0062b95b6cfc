// A running HAProxy: started, reloaded, stopped, listened to; never left behind.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { constants, tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import type { Readable, Writable } from "node:stream";
import type { Environment, Haproxy } from "./find.ts";
import { guardianScript } from "./guardian.ts";
import { type MasterSocket, openMasterSocket } from "./master-socket.ts";
import { type Message, parseMessages, tellingMessages, wordsOf } from "./messages.ts";

export interface HaproxyStart {
  readonly haproxy: Pick<Haproxy, "path" | "version">;
  readonly configFile: string;
  /** Relative paths, in the configuration too, count from here. Ours unless given. */
  readonly cwd?: string;
  /** What `"${NAME}"` in the configuration sees. Ours unless given. */
  readonly env?: Environment;
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

/** A configuration that does not load leaves the old one serving. */
export interface ReloadOutcome {
  readonly ok: boolean;
  /** Everything said from the reload's beginning to its end. */
  readonly messages: readonly Message[];
  readonly tookMs: number;
}

/** HAProxy did not start, or ended when it should not have. Carries HAProxy's own words. */
export class HaproxyFailure extends Error {
  override readonly name = "HaproxyFailure";
  readonly messages: readonly Message[];
  readonly output: string;

  constructor(what: string, said: { readonly messages: readonly Message[]; readonly output: string }) {
    const words = tellingMessages(said.messages).map(wordsOf);
    super(
      [what, ...(words.length > 0 ? words : [said.output.trim()])].filter((line) => line !== "").join("\n"),
    );
    this.messages = said.messages;
    this.output = said.output;
  }
}

export class HaproxyProcess {
  /** Of the master process; workers are its children. */
  readonly pid: number;
  /** From being asked to having its ports bound and its worker running. */
  readonly startedInMs: number;
  /** Settles once HAProxy, all its workers and the guardian are gone, and all they said was read. Never rejects. */
  readonly exited: Promise<HaproxyExit>;
  readonly #guarded: Guarded;
  /** Signals are safe to send once this has resolved; it never rejects. */
  #atRest: Promise<unknown>;
  #lastReload: Promise<unknown> = Promise.resolve();

  private constructor(guarded: Guarded, pid: number, startedInMs: number) {
    this.#guarded = guarded;
    this.pid = pid;
    this.startedInMs = startedInMs;
    this.exited = guarded.exited;
    this.#atRest = guarded.masterAtRest();
  }

  /** Resolves when HAProxy serves. Rejects with `HaproxyFailure` where it does not come so far; nothing is left running then. */
  static async start(options: HaproxyStart): Promise<HaproxyProcess> {
    const began = performance.now();
    const folder = await mkdtemp(join(tmpdir(), "portico-master-"));
    const guarded = guard(options, folder, await openMasterSocket(folder));
    const loaded = await Promise.race([guarded.nextLoad(), guarded.exited]);
    if (!("ok" in loaded && loaded.ok)) {
      const exit = await guarded.exited;
      throw new HaproxyFailure(
        `HAProxy ${options.haproxy.version} (${options.haproxy.path}) did not start ${endingOf(exit)}`,
        exit,
      );
    }
    return new HaproxyProcess(guarded, await guarded.pid, performance.now() - began);
  }

  /** Calls `listener` with every line HAProxy writes to stdout (`log stdout …`). Returns what ends that. */
  onLog(listener: (line: string) => void): () => void {
    this.#guarded.logListeners.add(listener);
    return () => this.#guarded.logListeners.delete(listener);
  }

  /**
   * Loads the configuration file anew (SIGUSR2; management guide, 4 "Stopping and restarting HAProxy"). One after the other when
   * called again meanwhile. Rejects with `HaproxyFailure` where HAProxy ends instead.
   */
  reload(): Promise<ReloadOutcome> {
    const outcome = this.#lastReload.then(() => this.#reload());
    this.#lastReload = outcome.catch(() => undefined);
    return outcome;
  }

  /**
   * Ends HAProxy and resolves when it is gone. `graceful` (SIGUSR1) lets open connections finish, without a limit of ours:
   * `hard-stop-after` is HAProxy's. Otherwise SIGTERM, and SIGKILL for one that does not obey within five seconds.
   */
  async stop({ graceful = false }: { readonly graceful?: boolean } = {}): Promise<HaproxyExit> {
    if (graceful) {
      await this.#atRest;
      this.#guarded.send("USR1");
      return this.exited;
    }
    const impatience = setTimeout(() => this.#guarded.kill(), 5_000);
    await this.#atRest;
    this.#guarded.send("TERM");
    return this.exited.finally(() => clearTimeout(impatience));
  }

  async #reload(): Promise<ReloadOutcome> {
    await this.#atRest;
    const began = performance.now();
    const load = this.#guarded.nextLoad();
    this.#guarded.send("USR2");
    const loaded = await Promise.race([load, this.exited]);
    if (!("ok" in loaded))
      throw new HaproxyFailure(`HAProxy ended during a reload ${endingOf(loaded)}`, loaded);
    this.#atRest = this.#guarded.masterAtRest();
    return { ...loaded, tookMs: performance.now() - began };
  }
}

interface Load {
  readonly ok: boolean;
  readonly messages: readonly Message[];
}

/** HAProxy and its guardian, as streams and promises. */
interface Guarded {
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

/** `folder` is ours alone, and gone when HAProxy is: the master's socket lies in it. */
function guard(
  { haproxy, configFile, cwd, env, onLog }: HaproxyStart,
  folder: string,
  master: MasterSocket,
): Guarded {
  const command = [haproxy.path, "-W", "-db", "-S", "fd@4", "-f", configFile];
  const guardian = spawn("/bin/sh", ["-c", guardianScript, "guardian", folder, ...command], {
    detached: true,
    env: { ...(env ?? process.env) },
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

function endingOf({ code, signal }: HaproxyExit): string {
  return signal !== null ? `(${signal})` : `(exit status ${code ?? "unknown"})`;
}
