// Packages that a RUN instruction installs and removes.
import type { ShellCommand, ShellWord } from "./shell-words.ts";

export interface PackageChanges {
  readonly installed: readonly ShellWord[];
  /** By name. */
  readonly removed: readonly string[];
}

interface PackageManager {
  readonly install: readonly string[];
  readonly remove: readonly string[];
  /** Options that take the next word. */
  readonly withValue: readonly string[];
}

const apt: PackageManager = {
  install: ["install"],
  remove: ["remove", "purge", "autoremove"],
  withValue: ["-t", "-o", "-c", "--target-release", "--default-release", "--option", "--config-file", "-a"],
};
const dnf: PackageManager = {
  install: ["install"],
  remove: ["remove", "erase", "autoremove"],
  withValue: [
    "-c",
    "-x",
    "--exclude",
    "--enablerepo",
    "--disablerepo",
    "--repo",
    "--releasever",
    "--installroot",
    "--setopt",
  ],
};
const managers: ReadonlyMap<string, PackageManager> = new Map([
  ["apt-get", apt],
  ["apt", apt],
  ["aptitude", apt],
  ["dnf", dnf],
  ["yum", dnf],
  ["microdnf", dnf],
  ["tdnf", dnf],
  ["zypper", { install: ["install", "in"], remove: ["remove", "rm"], withValue: ["--root", "-r", "--repo"] }],
  [
    "apk",
    {
      install: ["add"],
      remove: ["del"],
      withValue: ["-t", "--virtual", "-X", "--repository", "-p", "--root", "--arch"],
    },
  ],
]);

/** Words before a command that do not belong to it. */
const before = /^(sudo|env|exec|then|do|else|if|!|\{|time|command|nice|eatmydata)$|^[A-Za-z_]\w*=/;

export function packageChanges(commands: readonly ShellCommand[]): PackageChanges {
  const installed: ShellWord[] = [];
  const removed: string[] = [];
  /** Names of apk's virtual packages: names for the packages that were added with them. */
  const virtual = new Map<string, readonly ShellWord[]>();
  for (const command of commands) {
    const words = commandWords(command);
    const manager = managers.get((words[0]?.text ?? "").replace(/^.*\//, ""));
    if (manager === undefined) continue;
    const { plain, group } = plainWords(words.slice(1), manager);
    const [verb, ...names] = plain;
    if (verb === undefined) continue;
    if (manager.install.includes(verb.text)) {
      installed.push(...names);
      if (group !== undefined) virtual.set(group, names);
    } else if (manager.remove.includes(verb.text)) {
      const all = names.flatMap((name) => virtual.get(name.text) ?? [name]);
      removed.push(...all.map(({ text }) => packageName(text)));
    }
  }
  return { installed, removed };
}

/** Without version, release and architecture: `haproxy=2.6.*`, `haproxy/bookworm-backports`, `haproxy:amd64`, `haproxy~=2.6`. */
export function packageName(word: string): string {
  return /^[./]|:\/\//.test(word) ? word : word.replace(/[=<>~:/@].*$/s, "");
}

/** The words of a command, its program first: without `sudo`, assignments and similar prefixes. */
export function commandWords(command: ShellCommand): ShellCommand {
  const found = command.findIndex(({ text }) => !before.test(text));
  return found === -1 ? [] : command.slice(found);
}

export function isPackageManager(program: string): boolean {
  return managers.has(program);
}

function plainWords(
  words: readonly ShellWord[],
  { withValue }: PackageManager,
): { plain: readonly ShellWord[]; group?: string | undefined } {
  const plain: ShellWord[] = [];
  let group: string | undefined;
  for (let index = 0; index < words.length; index += 1) {
    const word = words[index];
    if (word === undefined) break;
    if (/^\d*[<>]/.test(word.text)) {
      // A redirection, and the file it goes to.
      if (/^\d*[<>]+$/.test(word.text)) index += 1;
    } else if (!word.text.startsWith("-")) {
      plain.push(word);
    } else {
      const joined = /^(--virtual)=(.*)$/.exec(word.text);
      if (joined !== null) group = joined[2];
      if (!withValue.includes(word.text)) continue;
      if (word.text === "--virtual" || word.text === "-t") group = words[index + 1]?.text;
      index += 1;
    }
  }
  return { plain, group };
}
