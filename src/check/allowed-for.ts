// What a HAProxy may get of a configuration that somebody else wrote.
import type { Haproxy } from "../haproxy/find.ts";
import { mayKnow } from "../haproxy/known-words.ts";
import type { HaproxyConfig } from "../wiring/haproxy/config.ts";
import { type AllowedConfig, allowedConfig, type Use } from "../wiring/haproxy/untrusted/left-out.ts";

/** Asks HAProxy for its words only where the configuration has one that Portico does not know. Rejects where it cannot be run. */
export async function allowedFor(
  haproxy: Pick<Haproxy, "path" | "version">,
  config: HaproxyConfig,
  use: Omit<Use, "knows">,
): Promise<AllowedConfig> {
  const allowed = allowedConfig(config, { ...use, knows: () => true });
  if (!allowed.leftOut.some(({ reason }) => reason === "unknown")) return allowed;
  return allowedConfig(config, { ...use, knows: await mayKnow(haproxy) });
}
