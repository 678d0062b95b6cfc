// Whether HAProxy would load a configuration: `haproxy -c`.
import { existsSync } from "node:fs";
import type { Readable } from "node:stream";
import { type Confinement, confine, foldersOf } from "./confinement.ts";
import type { EnvironmentChoice, Haproxy } from "./find.ts";
import { type GuardedExit, startGuarded } from "./guardian.ts";
import { LONGEST_START_MS, MOST_OUTPUT, type ReachedLimit, reachedLimit, type Stopped } from "./limits.ts";
import { type Message, parseMessages, relevantMessages } from "./messages.ts";

export interface Validation {
  /** HAProxy would start with it. Warnings do not change that. */
  readonly ok: boolean;
  /** Without those about the CPUs and the network of this machine, which is not the one that HAProxy will run on. */
  readonly warnings: readonly Message[];
  /** Empty when `ok`, and only then. */
  readonly errors: readonly Message[];
  /** HAProxy had no verdict: what it did when it reached a limit of ours. Never with `ok`. */
  readonly limit?: ReachedLimit;
  /** HAProxy's complete output. */
  readonly output: string;
}

export interface ValidateOptions {
  readonly cwd?: string;
  readonly env?: EnvironmentChoice;
  /** Default `check`; `none` is for a user's own file. */
  readonly confinement?: Exclude<Confinement, "lab">;
}

/**
 * Checks a configuration file without binding a port. Relative paths in it start at `cwd`; `env` has the values of `"${NAME}"`,
 * ours by default. Throws where the executable cannot be run.
 */
export async function validateConfig(
  haproxy: Pick<Haproxy, "path">,
  configFile: string,
  { cwd, env, confinement = "check" }: ValidateOptions = {},
): Promise<Validation> {
  const command = [haproxy.path, "-c", "-f", configFile];
  const confined = await confine(confinement, { command, folders: foldersOf(configFile, cwd) });
  const guarded = startGuarded({
    ...confined,
    command,
    ...(env === undefined ? {} : { env }),
    ...(cwd === undefined ? {} : { cwd }),
  });
  let stopped: Stopped;
  const stop = (why: Stopped) => {
    if (confinement === "none") return;
    stopped ??= why;
    guarded.kill();
  };
  const impatience = setTimeout(() => stop("time"), LONGEST_START_MS);
  const [stdout, stderr, exit] = await Promise.all([
    textOf(guarded.stdout, () => stop("messages")),
    textOf(guarded.stderr, () => stop("messages")),
    guarded.exited,
  ]).finally(() => clearTimeout(impatience));
  if (exit.code === 126 || exit.code === 127) throw cannotRun(haproxy.path, stderr);
  const output = stderr + stdout;
  const isVerdict = confinement === "none" || exit.code === 0;
  const limit = isVerdict ? undefined : reachedLimit({ ...exit, output, stopped });
  return { ...verdict(exit, stderr, output), ...(limit === undefined ? {} : { limit }) };
}

/** A stream's content, up to the maximum. */
async function textOf(stream: Readable, onTooMuch: () => void): Promise<string> {
  let text = "";
  stream.setEncoding("utf8");
  for await (const chunk of stream as AsyncIterable<string>) {
    if (text.length < MOST_OUTPUT) text += chunk;
    else onTooMuch();
  }
  return text;
}

/** Node's format for a program that it starts itself. */
function cannotRun(path: string, message: string): Error {
  const code = existsSync(path) ? "EACCES" : "ENOENT";
  return Object.assign(new Error(`spawn ${path} ${code}: ${message.trim()}`), {
    code,
    syscall: `spawn ${path}`,
  });
}

function verdict({ code, signal }: GuardedExit, stderr: string, output: string): Validation {
  const messages = parseMessages(stderr);
  const ok = code === 0;
  return {
    ok,
    warnings: messages.filter(({ level, text }) => level === "warning" && !isAboutThisMachine(text)),
    errors: ok ? [] : errorsIn(messages, output, signal ?? `status ${code}`),
    output,
  };
}

/**
 * Since 3.0: "This configuration binds 4 threads to a total of 2 CPUs via cpu-map directives", also where no line has `cpu-map`.
 * And resolvers open their sockets also for `-c`: without a network there is no route to a name server.
 */
function isAboutThisMachine(text: string): boolean {
  return / threads .*\d+ CPUs/.test(text) || /can't connect socket for nameserver/.test(text);
}

/** The alerts; without one, HAProxy's output outside of messages, as for a file without a listener. */
function errorsIn(messages: readonly Message[], output: string, ending: string): readonly Message[] {
  const alerts = messages.filter(({ level }) => level === "alert");
  if (alerts.length > 0) return relevantMessages(alerts);
  const verdict = output.split("\n").find((line) => /^Configuration file has/.test(line));
  return [{ level: "alert", text: verdict ?? `HAProxy ended with ${ending} and without a message` }];
}
