// Asks HAProxy whether it would load a configuration: `haproxy -c`.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { chosenEnvironment, type EnvironmentChoice, type Haproxy } from "./find.ts";
import { type Message, parseMessages, tellingMessages } from "./messages.ts";

export interface Validation {
  /** HAProxy would start with it. Warnings do not change that. */
  readonly ok: boolean;
  /** Without those about the number of CPUs of this machine, which is not the one that HAProxy will run on. */
  readonly warnings: readonly Message[];
  /** Empty when `ok`, and only then. */
  readonly errors: readonly Message[];
  /** All that HAProxy said, as it said it. */
  readonly output: string;
}

/**
 * Checks a configuration file without binding a port. Relative paths in it count from `cwd`; `env` is what `"${NAME}"` sees, ours
 * unless given.
 * Throws where the executable cannot be run.
 */
export async function validateConfig(
  haproxy: Pick<Haproxy, "path">,
  configFile: string,
  options: { readonly cwd?: string; readonly env?: EnvironmentChoice } = {},
): Promise<Validation> {
  const child = spawn(haproxy.path, ["-c", "-f", configFile], {
    ...options,
    env: { ...chosenEnvironment(options.env) },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const [stdout, stderr, [code, signal]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, "close"),
  ]);
  const messages = parseMessages(stderr);
  const ok = code === 0;
  return {
    ok,
    warnings: messages.filter(({ level, text }) => level === "warning" && !ABOUT_CPUS.test(text)),
    errors: ok ? [] : errorsIn(messages, stderr + stdout, signal ?? `status ${code}`),
    output: stderr + stdout,
  };
}

/** Since 3.0: "This configuration binds 4 threads to a total of 2 CPUs via cpu-map directives", also where no line has `cpu-map`. */
const ABOUT_CPUS = / threads .*\d+ CPUs/;

/** The alerts; without one, what HAProxy says outside its messages, as of a file without a listener. */
function errorsIn(messages: readonly Message[], output: string, ending: string): readonly Message[] {
  const alerts = messages.filter(({ level }) => level === "alert");
  if (alerts.length > 0) return tellingMessages(alerts);
  const verdict = output.split("\n").find((line) => /^Configuration file has/.test(line));
  return [{ level: "alert", text: verdict ?? `HAProxy ended with ${ending} and without a message` }];
}
