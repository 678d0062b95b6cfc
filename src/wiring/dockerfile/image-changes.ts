// Changes that the commands of a RUN make to an image: folders and users that they create, and paths whose content is then not known.
import { posix } from "node:path";
import type { ImageChange } from "../wiring.ts";
import { commandWords, isPackageManager } from "./packages.ts";
import type { ShellCommand } from "./shell-words.ts";

/** Commands that change no file that a configuration may refer to. */
const CHANGE_NOTHING = new Set([
  ...["set", "true", ":", "test", "[", "ls", "stat", "sleep", "which", "id", "ldconfig", "ldd", "umask"],
  ...["rm", "rmdir", "unlink", "apt-mark", "dpkg-query", "haproxy", "rsyslogd", "fi", "done", "cd"],
  ...["update-ca-certificates", "groupadd", "addgroup", "groupmod", "chgrp", "export"],
]);
/** Commands that write to standard output, and to the file of a redirection. */
const PRINT = new Set(["echo", "printf", "cat"]);

/** In the order of the commands. */
export function imageChanges(commands: readonly ShellCommand[]): readonly ImageChange[] {
  return commands.flatMap((command) => {
    const words = commandWords(command).map(({ text }) => text);
    const [program = "", ...args] = words;
    return [...redirected(words), ...changesOf(posix.basename(program), withoutRedirections(args))];
  });
}

const ANYTHING: ImageChange = { kind: "unknown", path: "/" };

function changesOf(program: string, args: readonly string[]): readonly ImageChange[] {
  if (program === "" || isPackageManager(program) || CHANGE_NOTHING.has(program) || PRINT.has(program))
    return [];
  const plain = args.filter((word) => !word.startsWith("-"));
  switch (program) {
    case "mkdir": {
      const withMode = args.some((word) => /^-[a-z]*m|^--mode/.test(word));
      return plain
        .filter((word) => !/^[0-7]{3,4}$/.test(word))
        .flatMap((path) => [...at("folder", path), ...(withMode ? at("permissions", path) : [])]);
    }
    case "chown":
    case "chmod":
      return plain.slice(1).flatMap((path) => at("permissions", path));
    case "useradd":
    case "adduser":
      return madeUser(args);
    case "setcap":
      return [{ kind: "capabilities" }];
    case "touch":
      return plain.flatMap((path) => at("unknown", path));
    case "ln":
    case "cp":
    case "mv":
    case "install":
    case "tee":
    case "sed":
      return plain.slice(-1).flatMap((path) => at("unknown", path));
    default:
      return [ANYTHING];
  }
}

/** A relative path depends on WORKDIR and `cd`, a variable on the build. */
function at(kind: "folder" | "permissions" | "unknown", path: string): readonly ImageChange[] {
  return path.startsWith("/") && !/[$*?{]/.test(path) ? [{ kind, path: posix.normalize(path) }] : [ANYTHING];
}

function madeUser(args: readonly string[]): readonly ImageChange[] {
  const id = args.flatMap((word, index) => {
    const joined = /^--uid=(\d+)$/.exec(word)?.[1];
    return joined ?? (/^(?:-u|--uid)$/.test(word) ? (args[index + 1] ?? []) : []);
  })[0];
  // adduser of Debian and BusyBox, and useradd, take the name last; addition to a group, `adduser USER GROUP`, has two.
  const name = args.at(-1);
  const uid = id !== undefined && /^\d+$/.test(id) ? Number(id) : undefined;
  return name === undefined ? [] : [{ kind: "user", name, uid }];
}

function redirected(words: readonly string[]): readonly ImageChange[] {
  return words.flatMap((word, index) => {
    const [, target] = /^\d*>{1,2}\|?(.*)$/.exec(word) ?? [];
    if (target === undefined || target.startsWith("&")) return [];
    const path = target === "" ? (words[index + 1] ?? "") : target;
    return path === "" || path === "/dev/null" ? [] : at("unknown", path);
  });
}

function withoutRedirections(words: readonly string[]): readonly string[] {
  return words.filter(
    (word, index) => !/^\d*[<>]/.test(word) && !/^\d*[<>]{1,2}\|?$/.test(words[index - 1] ?? ""),
  );
}
