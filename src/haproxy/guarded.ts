// A HAProxy master process and its guardian as streams and promises; the base of HaproxyProcess.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { makeTemporaryFolder } from "../temporary/temporary-folder.ts";
import { type Confinement, confine, foldersOf } from "./confinement.ts";
import type { EnvironmentChoice, Haproxy } from "./find.ts";
import { eachLine, type GuardedExit, type GuardedProcess, startGuarded } from "./guardian.ts";
import { MOST_OUTPUT, type Stopped } from "./limits.ts";
import { openMasterSocket } from "./master-socket.ts";
import { type Message, parseMessages } from "./messages.ts";

export interface HaproxyStart {
  readonly haproxy: Pick<Haproxy, "path" | "version">;
  readonly configFile: string;
  /** Base of relative paths, also in the configuration. Default: ours. */
  readonly cwd?: string;
  /** Values of `"${NAME}"` in the configuration. Default: our environment. */
  readonly env?: EnvironmentChoice;
  /** Replaces the global `maxconn`, which may exceed a machine's limit of file descriptors (management guide, 3, `-n`). */
  readonly maxConnections?: number;
  /**
   * One thread, unless the configuration has `nbthread`. A thread of HAProxy drops a log line if another thread is still writing to stdout after
   * about 0.1 ms, for example because the kernel runs the reader on its core (`DroppedLogs` in `show info`).
   */
  readonly singleThread?: boolean;
  /** Default `lab`; `none` is for a user's own file. */
  readonly confinement?: Exclude<Confinement, "check">;
  /** Called with every line on stdout from the first one on; `onLog` listeners get those after the start. */
  readonly onLog?: (line: string) => void;
}

export interface HaproxyExit extends GuardedExit {
  /** Its output on stderr, at most the last 500 lines. */
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
  /** The next result of loading the configuration that HAProxy reports. */
  nextLoad(): Promise<Load>;
  /** Resolves when signals are safe to send, or HAProxy has exited. */
  masterAtRest(): Promise<unknown>;
  send(signal: "TERM" | "USR1" | "USR2"): void;
  kill(): void;
  /** Kills it because of a limit. */
  stop(why: Stopped): void;
  stopped(): Stopped;
}

/** Messages of the master process when its worker runs (2.6, 3.0, 3.2 alike), and when it could not be loaded (2.6 and 3.0; 3.2). */
const LOAD_SUCCEEDED = /: Loading success\.$/;
const LOAD_FAILED = /: (Loading failure!|Failed to load worker )/;

const MAX_LINES = 500;

/** Starts HAProxy under a guardian. */
export async function guard(start: HaproxyStart): Promise<Guarded> {
  const { configFile, cwd, env, onLog, confinement = "lab" } = start;
  // For the master's socket, which HAProxy gets as a descriptor, and for `one-thread.cfg`.
  const folder = makeTemporaryFolder();
  const command = commandOf(start, folder.path);
  const folders = [...foldersOf(configFile, cwd), folder.path];
  const confined = await confine(confinement, { command, folders });
  const master = await openMasterSocket(folder.path);
  const guarded = startGuarded({
    ...confined,
    command,
    inherited: master.descriptor,
    ...(env === undefined ? {} : { env }),
    ...(cwd === undefined ? {} : { cwd }),
  });
  master.handOver();

  const logListeners = new Set(onLog === undefined ? [] : [onLog]);
  eachLine(guarded.stdout, (line) => {
    for (const listener of logListeners) listener(line);
  });

  let stopped: Stopped;
  const stop = (why: Stopped) => {
    stopped ??= why;
    guarded.kill();
  };
  const lines: string[] = [];
  let untilStarted = confinement === "none" ? Number.POSITIVE_INFINITY : MOST_OUTPUT;
  let load: { readonly lines: string[]; readonly settle: (load: Load) => void } | undefined;
  eachLine(guarded.stderr, (line) => {
    lines.push(line);
    if (lines.length > MAX_LINES) lines.shift();
    load?.lines.push(line);
    untilStarted -= line.length;
    if (untilStarted < 0) stop("messages");
    const ok = LOAD_SUCCEEDED.test(line);
    if (!ok && !LOAD_FAILED.test(line)) return;
    untilStarted = Number.POSITIVE_INFINITY;
    load?.settle({ ok, messages: parseMessages((load?.lines ?? []).join("\n")) });
    load = undefined;
  });

  const exited = endOf(guarded, lines).finally(folder.remove);
  return {
    pid: guarded.pid,
    exited,
    logListeners,
    nextLoad: () =>
      new Promise((settle) => {
        load = { lines: [], settle };
      }),
    masterAtRest: () => master.answered().catch(() => exited),
    send: guarded.send,
    kill: guarded.kill,
    stop,
    stopped: () => stopped,
  };
}

function commandOf(start: HaproxyStart, folder: string): readonly string[] {
  const { haproxy, configFile, maxConnections, singleThread } = start;
  const oneThread = join(folder, "one-thread.cfg");
  if (singleThread) writeFileSync(oneThread, "global\n  nbthread 1\n");
  return [
    ...[haproxy.path, "-W", "-db", "-S", "fd@4"],
    // From 3.0 on, `nbthread` is refused after other sections.
    ...(singleThread ? ["-f", oneThread] : []),
    ...["-f", configFile],
    ...(maxConnections === undefined ? [] : ["-n", String(maxConnections)]),
  ];
}

async function endOf({ exited }: GuardedProcess, lines: readonly string[]): Promise<HaproxyExit> {
  const ended = await exited.catch((error: Error) => error);
  if (ended instanceof Error)
    return { code: null, signal: null, messages: [], output: `/bin/sh: ${ended.message}` };
  const output = lines.join("\n");
  return { ...ended, messages: parseMessages(output), output };
}
