// A real HAProxy's messages about a configuration: `haproxy -c` in a folder of its own, each message at the line it is about.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Finding } from "../findings/finding.ts";
import type { EnvironmentChoice, Haproxy } from "../haproxy/find.ts";
import { headlineOf } from "../haproxy/messages.ts";
import { validateConfig } from "../haproxy/validate.ts";
import type { HaproxyConfig } from "../wiring/haproxy/config.ts";
import { type PlacedMessage, placeMessages } from "./placed-messages.ts";

/**
 * `write` puts the configuration into the folder at the path `file`, with what it refers to, and gives the one whose lines
 * messages are about. Throws where HAProxy cannot be run.
 */
export async function askHaproxyAbout(
  haproxy: Pick<Haproxy, "path">,
  file: string,
  write: (folder: string) => Promise<HaproxyConfig>,
  env: EnvironmentChoice,
): Promise<{ readonly config: HaproxyConfig; readonly placed: readonly PlacedMessage[] }> {
  const folder = await mkdtemp(join(tmpdir(), "portico-check-"));
  try {
    const config = await write(folder);
    const { errors, warnings } = await validateConfig(haproxy, file, { cwd: folder, env });
    const messages = [...errors, ...warnings].map((message) => ({
      ...message,
      text: message.text.replaceAll(`${folder}/`, ""),
    }));
    return { config, placed: placeMessages(config, file, messages) };
  } finally {
    await rm(folder, { recursive: true, force: true });
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
