// The words of a configuration that only root may carry out, or that name users of the machine.
import type { HaproxyConfig, HaproxyToken } from "./config.ts";
import { globalLines, socketOptions } from "./global-words.ts";

/** HAProxy that is not root stops at these: "Cannot chroot", "Cannot set uid", "cannot change UNIX socket ownership". */
const PRIVILEGED: readonly string[] = ["chroot", "user", "group", "uid", "gid", "ulimit-n"];

/** Of the global section, and the owners of sockets. */
export function privilegedTokens(config: HaproxyConfig): readonly HaproxyToken[] {
  return [
    ...globalLines(config, PRIVILEGED).flat(),
    ...socketOptions(config, ["user", "group", "uid", "gid"]),
  ];
}
