// The words of a configuration that only root may carry out, or that name users of the machine.
import { directiveOf, type HaproxyConfig, type HaproxyToken } from "./config.ts";
import { bindOptionArity, readOptions } from "./options.ts";

/** HAProxy that is not root stops at these: "Cannot chroot", "Cannot set uid", "cannot change UNIX socket ownership". */
const PRIVILEGED: readonly string[] = ["chroot", "user", "group", "uid", "gid", "ulimit-n"];

/** Of the global section, and the owners of sockets. */
export function privilegedTokens(config: HaproxyConfig): readonly HaproxyToken[] {
  return config.sections.flatMap((section) =>
    section.lines.flatMap((line): readonly HaproxyToken[] => {
      const { words } = directiveOf(line);
      const keyword = words[0]?.value ?? "";
      if (section.kind === "global" && PRIVILEGED.includes(keyword)) return line.tokens;
      const optionsAt =
        keyword === "bind"
          ? 2
          : keyword === "unix-bind"
            ? 1
            : keyword === "stats" && words[1]?.value === "socket"
              ? 3
              : undefined;
      if (optionsAt === undefined) return [];
      return readOptions(words.slice(optionsAt), { ...bindOptionArity, prefix: 1 })
        .filter((option) => ["user", "group", "uid", "gid"].includes(option.keyword.value))
        .flatMap((option) => [option.keyword, ...option.values]);
    }),
  );
}
