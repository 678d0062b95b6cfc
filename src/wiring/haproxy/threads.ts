// The words of a configuration that choose HAProxy's threads.
import type { HaproxyConfig, HaproxyToken } from "./config.ts";
import { globalLines, socketOptions } from "./global-words.ts";

/** The numbers of `nbthread` that HAProxy accepts (manual section 3.1). */
export function threadCounts(config: HaproxyConfig): readonly HaproxyToken[] {
  return globalLines(config, ["nbthread"]).flatMap(([, count]) =>
    count !== undefined && /^([1-9]|[1-5]\d|6[0-4])$/.test(count.value) ? [count] : [],
  );
}

/** Words that name threads or thread groups: HAProxy refuses them if it does not run these threads. */
export function placementTokens(config: HaproxyConfig): readonly HaproxyToken[] {
  return [
    ...globalLines(config, ["thread-group", "thread-groups"]).flat(),
    ...socketOptions(config, ["thread"]),
  ];
}
