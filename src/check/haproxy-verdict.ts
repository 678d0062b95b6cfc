// A real HAProxy's messages about a configuration: `haproxy -c` in a folder of its own, each message at the line it is about.
import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Finding, Position } from "../findings/finding.ts";
import type { Environment, Haproxy } from "../haproxy/find.ts";
import { mayKnowKeyword } from "../haproxy/known-keywords.ts";
import type { ReachedLimit } from "../haproxy/limits.ts";
import { headlineOf } from "../haproxy/messages.ts";
import { plainEnvironment } from "../haproxy/plain-environment.ts";
import { validateConfig } from "../haproxy/validate.ts";
import { makeTemporaryFolder } from "../temporary/temporary-folder.ts";
import { withoutLibraries } from "../wiring/environment.ts";
import { type HaproxyConfig, printHaproxyConfig } from "../wiring/haproxy/config.ts";
import { allowedFor, type LeftOutLine } from "../wiring/haproxy/untrusted/left-out.ts";
import { LEFT_OUT_BECAUSE, linesText } from "../wiring/haproxy/untrusted/reasons.ts";
import { type PlacedMessage, placeMessages } from "./placed-messages.ts";

export interface ApiRequestOptions {
  /** HAProxy gets every line, and the environment of this process. Default: only lines that do no more than describe an edge. */
  readonly trust?: boolean;
}

export interface Prepared {
  /** The configuration whose lines messages are about. */
  readonly config: HaproxyConfig;
  /** The same lines as HAProxy is asked about them, with stand-ins. */
  readonly standing: HaproxyConfig;
}

export interface Asked {
  readonly config: HaproxyConfig;
  readonly placed: readonly PlacedMessage[];
  /** What HAProxy did not validate. */
  readonly leftOut: readonly LeftOutLine[];
  /** HAProxy was stopped before it had a verdict; there are no messages then. */
  readonly limit?: ReachedLimit;
}

/**
 * `prepare` puts into the folder what the configuration refers to; HAProxy reads the configuration at the path `file` there.
 * Throws where HAProxy cannot be run.
 */
export async function askHaproxyAbout(
  haproxy: Pick<Haproxy, "path" | "version">,
  file: string,
  prepare: (folder: string) => Promise<Prepared>,
  { trust = false, env }: ApiRequestOptions & { readonly env: Environment },
): Promise<Asked> {
  const { path: folder, remove } = makeTemporaryFolder();
  try {
    const { config, standing } = await prepare(folder);
    const allowed = trust
      ? { config: standing, leftOut: [] }
      : await allowedFor(standing, { for: "check", folder, env }, () => mayKnowKeyword(haproxy));
    await mkdir(dirname(join(folder, file)), { recursive: true });
    await writeFile(join(folder, file), printHaproxyConfig(allowed.config));
    const { errors, warnings, limit } = await validateConfig(haproxy, file, {
      cwd: folder,
      confinement: trust ? "none" : "check",
      env: (ours) => (trust ? { ...ours, ...env } : { ...plainEnvironment(ours), ...withoutLibraries(env) }),
    });
    if (limit !== undefined) return { config, placed: [], leftOut: allowed.leftOut, limit };
    const messages = [...errors, ...warnings].map((message) => ({
      ...message,
      text: message.text.replaceAll(`${folder}/`, ""),
    }));
    return { config, placed: placeMessages(config, file, messages), leftOut: allowed.leftOut };
  } finally {
    remove();
  }
}

/** What findings about HAProxy's messages have in common. */
export function messageFinding(
  version: string,
  placed: PlacedMessage,
): Pick<Finding, "code" | "severity" | "what"> {
  const what = `HAProxy ${version}: ${headlineOf(placed.message)}`;
  return placed.message.level === "alert"
    ? { code: "haproxy-refuses", severity: "error", what }
    : { code: "haproxy-warns", severity: "warning", what };
}

/** A note for the lines that were left out for the same reason. */
export function notAskedAbout(
  version: string,
  leftOut: readonly LeftOutLine[],
  placesOf: (line: LeftOutLine) => readonly Position[],
): readonly Finding[] {
  const groups = Map.groupBy(leftOut, ({ reason }) => reason);
  return [...groups].map(([reason, lines]) => {
    const placed = lines.map((line) => ({ ...line, at: placesOf(line) }));
    const named = placed.map(({ line, words, at }) => ({ words, line: at[0]?.line ?? line }));
    return {
      code: NOT_ASKED,
      severity: "note",
      what: `HAProxy ${version} ${DID_NOT_VALIDATE} ${linesText(named)}`,
      why: `${LEFT_OUT_BECAUSE[reason]} HAProxy's verdict holds without ${lines.length === 1 ? "this line" : "these lines"}.`,
      remedy: "If you trust the authors of the file, run the command with `--trust`.",
      at: placed.flatMap(({ at }) => at),
    };
  });
}

const NOT_ASKED = "line-not-validated";

const DID_NOT_VALIDATE = "did not validate";

/** `line 7 lua-load and line 9 http-request lua.x`: what HAProxy did not validate; undefined: nothing. */
export function notAskedText(findings: readonly Finding[]): string | undefined {
  const texts = findings
    .filter(({ code }) => code === NOT_ASKED)
    .map(({ what }) => what.slice(what.indexOf(DID_NOT_VALIDATE) + DID_NOT_VALIDATE.length + 1));
  return texts.length === 0 ? undefined : texts.join(", ");
}
