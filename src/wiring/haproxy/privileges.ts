// The words of a configuration that only root may carry out, or that name users of the machine.
import { directiveOf, type HaproxyConfig, type HaproxyToken } from "./config.ts";
import { bindOptionArity, readOptions } from "./options.ts";

/** HAProxy that is not root stops at these: "Cannot chroot", "Cannot set uid", "cannot change UNIX socket ownership". */
const PRIVILEGED: readonly string[] = ["chroot", "user", "group", "uid", "gid", "ulimit-n"];

/** What lines that open a socket begin with; an address follows, except for `unix-bind`. */
const OPENS_SOCKET: readonly (readonly string[])[] = [["bind"], ["unix-bind"], ["stats", "socket"]];

/** Of the global section, and the owners of sockets. */
export function privilegedTokens(config: HaproxyConfig): readonly HaproxyToken[] {
  return config.sections.flatMap((section) =>
    section.lines.flatMap((line): readonly HaproxyToken[] => {
      const { words } = directiveOf(line);
      const keyword = words[0]?.value ?? "";
      if (section.kind === "global" && PRIVILEGED.includes(keyword)) return line.tokens;
      const begins = OPENS_SOCKET.find((known) => known.every((word, at) => words[at]?.value === word));
      if (begins === undefined) return [];
      const address = keyword === "unix-bind" ? 0 : 1;
      return readOptions(words.slice(begins.length + address), { ...bindOptionArity, prefix: 1 })
        .filter((option) => ["user", "group", "uid", "gid"].includes(option.keyword.value))
        .flatMap((option) => [option.keyword, ...option.values]);
    }),
  );
}
