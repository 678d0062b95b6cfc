// The configuration that HAProxy runs in the lab.
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Environment, Haproxy } from "../haproxy/find.ts";
import { mayKnowKeyword } from "../haproxy/known-keywords.ts";
import { HaproxyFailure, type HaproxyStart } from "../haproxy/process.ts";
import { validateConfig } from "../haproxy/validate.ts";
import { directiveOf, printHaproxyConfig, wordsText } from "../wiring/haproxy/config.ts";
import { placementTokens } from "../wiring/haproxy/threads.ts";
import { undecidedConditions } from "../wiring/haproxy/unset-variables.ts";
import { allowedFor } from "../wiring/haproxy/untrusted/left-out.ts";
import type { HaproxyLayer } from "../wiring/wiring.ts";
import { type NotRun, notRunOf } from "./not-run.ts";
import type { LabPlaces } from "./places.ts";
import { rewriteForLab } from "./rewrite.ts";
import { withStreamLog } from "./stream-log.ts";

/** Far more than a lab needs, and few enough for the file descriptors of any machine. */
export const MOST_CONNECTIONS = 1000;

/** An edge's `maxconn` fits its nodes; on this machine HAProxy might not get as many file descriptors, and fail to start. */
export function exceedsMaxConnections({ config }: HaproxyLayer): boolean {
  return config.sections.some(
    ({ kind, lines }) =>
      kind === "global" &&
      lines.some((line) => {
        const [keyword, count] = directiveOf(line).words;
        return keyword?.value === "maxconn" && Number(count?.value) > MOST_CONNECTIONS;
      }),
  );
}

export interface ConfigOptions {
  readonly haproxy: Haproxy;
  readonly env: Environment;
  /** HAProxy may do everything that the configuration says. Default false. */
  readonly trust?: boolean;
  /** HAProxy also logs a line for each stream, for `streamOf`. */
  readonly logsStreams: boolean;
  /** As many threads as the configuration names. Default: one. */
  readonly keepsThreads?: boolean;
}

/** Writes haproxy/haproxy.cfg in the folder: with the lab's addresses, and without the lines that may not run. */
export async function writeConfig(
  { config, wiring }: HaproxyLayer,
  places: LabPlaces,
  folder: string,
  { haproxy, env, trust = false, logsStreams, keepsThreads = false }: ConfigOptions,
): Promise<{ readonly configFile: string; readonly leftOut: readonly NotRun[] }> {
  const rewrites = { ...places.rewrites(), singleThread: !keepsThreads };
  const rewritten = rewriteForLab(config, rewrites, wiring);
  const allowed = trust
    ? { config: rewritten, leftOut: [] }
    : await allowedFor(rewritten, { for: "run", folder, env, named: places.namedLines() }, () =>
        mayKnowKeyword(haproxy),
      );
  const configFile = join(folder, "haproxy", "haproxy.cfg");
  mkdirSync(join(folder, "haproxy"), { recursive: true });
  const text = logsStreams ? withStreamLog(allowed.config) : printHaproxyConfig(allowed.config);
  writeFileSync(configFile, text);
  const undecided = trust ? [] : undecidedConditions(config, env);
  const conditions = undecided.map((line) => ({
    line: line.number,
    words: wordsText(line),
    reason: "condition" as const,
  }));
  return { configFile, leftOut: notRunOf(config, [...allowed.leftOut, ...conditions, ...places.missing]) };
}

/** Rejects with `HaproxyFailure` if HAProxy refuses the threads that the configuration names: the lab does not run them. */
export async function tryThreads(
  layer: HaproxyLayer,
  places: LabPlaces,
  folder: string,
  options: ConfigOptions,
  { haproxy, cwd, env, confinement }: Omit<HaproxyStart, "configFile">,
): Promise<void> {
  if (placementTokens(layer.config).length === 0) return;
  const { configFile } = await writeConfig(layer, places, folder, { ...options, keepsThreads: true });
  const { ok, errors, output, limit } = await validateConfig(haproxy, configFile, {
    ...(cwd !== undefined && { cwd }),
    ...(env !== undefined && { env }),
    ...(confinement === "none" && { confinement }),
  });
  if (ok) return;
  const what = `HAProxy ${haproxy.version} (${haproxy.path}) does not load the configuration`;
  throw new HaproxyFailure(what, { messages: errors, output }, limit);
}
