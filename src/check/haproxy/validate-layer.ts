// A real HAProxy's messages about a configuration: `haproxy -c` in a temporary folder, each message at its line.
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Environment, Haproxy } from "../../haproxy/find.ts";
import { mayKnowKeyword } from "../../haproxy/known-keywords.ts";
import type { ReachedLimit } from "../../haproxy/limits.ts";
import { plainEnvironment } from "../../haproxy/plain-environment.ts";
import { validateConfig } from "../../haproxy/validate.ts";
import { makeTemporaryFolder } from "../../temporary/temporary-folder.ts";
import { withoutLibraries } from "../../wiring/environment.ts";
import { printHaproxyConfig } from "../../wiring/haproxy/config.ts";
import { undecidedAlerts } from "../../wiring/haproxy/unset-variables.ts";
import { allowedFor, type LeftOutLine } from "../../wiring/haproxy/untrusted/left-out.ts";
import type { HaproxyLayer } from "../../wiring/wiring.ts";
import { type PlacedMessage, placeMessages } from "./placed-messages.ts";
import { withStandIns } from "./stand-ins.ts";

export interface TrustOptions {
  /** HAProxy gets every line, and the environment of this process. Default: only lines that do no more than describe an edge. */
  readonly trust?: boolean;
}

export interface ConfigVerdict {
  readonly placed: readonly PlacedMessage[];
  /** What HAProxy did not validate. */
  readonly leftOut: readonly LeftOutLine[];
  /** HAProxy was stopped before it had a verdict; there are no messages then. */
  readonly limit?: ReachedLimit;
}

const CONFIGURATION = "haproxy.cfg";

/** `env`: what the container of this HAProxy sets. Throws where HAProxy cannot be run. */
export async function validateLayer(
  haproxy: Pick<Haproxy, "path" | "version">,
  layer: HaproxyLayer,
  env: Environment,
  { trust = false }: TrustOptions,
): Promise<ConfigVerdict> {
  const { config } = layer;
  const { path: folder, remove } = makeTemporaryFolder();
  try {
    const checkable = await withStandIns(layer, folder, undecidedAlerts(config, env));
    const allowed = trust
      ? { config: checkable, leftOut: [] }
      : await allowedFor(checkable, { for: "check", folder, env }, () => mayKnowKeyword(haproxy));
    await writeFile(join(folder, CONFIGURATION), printHaproxyConfig(allowed.config));
    const { errors, warnings, limit } = await validateConfig(haproxy, CONFIGURATION, {
      cwd: folder,
      confinement: trust ? "none" : "check",
      env: (ours) => (trust ? { ...ours, ...env } : { ...plainEnvironment(ours), ...withoutLibraries(env) }),
    });
    if (limit !== undefined) return { placed: [], leftOut: allowed.leftOut, limit };
    const messages = [...errors, ...warnings].map((message) => ({
      ...message,
      text: message.text.replaceAll(`${folder}/`, ""),
    }));
    return { placed: placeMessages(config, CONFIGURATION, messages), leftOut: allowed.leftOut };
  } finally {
    remove();
  }
}
