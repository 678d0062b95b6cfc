// A shell process between Portico and HAProxy. It ends HAProxy whenever Portico ends, and reports the exit as promises.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { constants } from "node:os";
import process from "node:process";
import type { Readable, Writable } from "node:stream";
import type { ConfinedStart } from "./confinement.ts";
import { chosenEnvironment, type EnvironmentChoice } from "./find.ts";

export interface GuardedExit {
  /** The exit status, or null where a signal ended it. 126 and 127: it could not be run (POSIX, `sh`). */
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface GuardedProcess {
  /** Of the command. Never settles where it does not start. */
  readonly pid: Promise<number>;
  /** Settles after the last byte of both streams. Rejects where there is no shell. */
  readonly exited: Promise<GuardedExit>;
  readonly stdout: Readable;
  readonly stderr: Readable;
  send(signal: "TERM" | "USR1" | "USR2"): void;
  kill(): void;
}

/**
 * The arguments are a command. Runs it, and reads lines with a signal name and a process id from stdin. When stdin ends, which it
 * does however our process ends (SIGKILL included, since the kernel closes the pipe), the command is killed. When the command has
 * ended, the rest of its process group (old workers after a reload) is killed, the guardian itself last.
 * The command inherits descriptor 4. Descriptor 3 gets `pid NUMBER`, written by the process that becomes the command, inside of its
 * confinement, and `exit STATUS`; a status above 128 is a signal's number plus 128 (POSIX, `wait`).
 *
 * After our end nothing reads descriptor 3: SIGPIPE must not end the guardian before it has cleaned up.
 * It must be started as the leader of its own process group, so that Ctrl-C in a terminal reaches only us.
 */
const GUARDIAN = `
exec 5<&0 </dev/null
"$@" 5<&- &
command=$!
(
  while read -r signal process; do kill -s "$signal" "$process"; done
  kill -s KILL "$command"
) <&5 >/dev/null 2>&1 3>&- 4<&- 5<&- &
exec 4<&- 5<&-
trap '' PIPE
wait "$command"
echo "exit $?" >&3
kill -s KILL 0
`;

/** Writes its own process id, which is the command's, to the guardian's descriptor, and becomes the command. */
function starter(script: string): string {
  return `echo "pid $$" >&3\nexec 3>&-\n${script}\nexec "$@"`;
}

export interface GuardedCommand extends Partial<ConfinedStart> {
  readonly command: readonly string[];
  readonly cwd?: string;
  /** Default: ours. */
  readonly env?: EnvironmentChoice;
  /** A descriptor of ours that the command gets as 4. */
  readonly inherited?: number;
}

/** Throws where no process can be created. */
export function startGuarded(given: GuardedCommand): GuardedProcess {
  const { command, cwd, env, inherited, wrap = [], script = "" } = given;
  const whole = [...wrap, "/bin/sh", "-c", starter(script), "haproxy", ...command];
  const guardian = spawn("/bin/sh", ["-c", GUARDIAN, "guardian", ...whole], {
    detached: true,
    env: { ...chosenEnvironment(env) },
    stdio: ["pipe", "pipe", "pipe", "pipe", ...(inherited === undefined ? [] : [inherited])],
    ...(cwd === undefined ? {} : { cwd }),
  });
  const { control, stdout, stderr, status } = streamsOf(guardian);
  // The guardian may have ended before a command is written: `exited` reports it.
  control.on("error", () => undefined);
  const report = readStatus(status);
  return {
    pid: report.pid,
    exited: exitOf(guardian, report.exit),
    stdout,
    stderr,
    send: (signal) => void report.pid.then((pid) => control.write(`${signal} ${pid}\n`)),
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
  if (!control || !stdout || !stderr || !status) throw new Error("spawn created no pipes");
  return { control, stdout, stderr, status: status as Readable };
}

/** Not `node:readline`, which also ends lines at U+2028 and a lone carriage return, which a request may put into a log line. */
export function eachLine(stream: Readable, listener: (line: string) => void): void {
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

async function exitOf(guardian: ChildProcess, status: Promise<number | undefined>): Promise<GuardedExit> {
  // A killed guardian leaves HAProxy running, with its streams open: the whole process group is ended.
  guardian.on("exit", () => killGroup(guardian.pid));
  // `close` follows the last byte of every stream, and so HAProxy's last message.
  await once(guardian, "close");
  const code = (await status) ?? 128 + constants.signals.SIGKILL;
  const signal = code > 128 ? signalOf(code - 128) : null;
  return { code: signal === null ? code : null, signal };
}

function killGroup(leader: number | undefined): void {
  if (leader === undefined) return;
  try {
    process.kill(-leader, "SIGKILL");
  } catch {
    // The process group is empty.
  }
}

function signalOf(number: number): NodeJS.Signals | null {
  const names = Object.keys(constants.signals) as NodeJS.Signals[];
  return names.find((name) => constants.signals[name] === number) ?? null;
}
