// Why lines of an untrusted configuration are left out, and how they are named: the same text in every command.
import type { LeftOutReason } from "./keywords.ts";

/** A sentence each. */
export const LEFT_OUT_BECAUSE: Readonly<Record<LeftOutReason, string>> = {
  code: "The directive loads code into HAProxy.",
  program: "The directive runs a program.",
  file: "The directive opens a file that is not part of the checked files.",
  network: "HAProxy would look up a name or open a connection for it.",
  process: "The directive changes the process itself, or what it prints.",
  "first-word": "The directive is not written as a plain word, but with quotes, escapes or a variable.",
  variable: "The line has a variable whose value depends on a condition of the file, or is too long.",
  condition: "The environment of HAProxy decides this condition, and its value is not in the files.",
  unknown: "Portico does not know the directive, and HAProxy may know it.",
  depends: "The line needs another line that is left out.",
  "missing-list": "The file is not here, and an empty one takes its place.",
  "missing-page": "The file is not here, and a short text takes its place.",
};

/** A file that is not here: no trust makes it run. */
export function isMissing(reason: LeftOutReason): boolean {
  return reason === "missing-list" || reason === "missing-page";
}

/** `line 7 lua-load, line 9 socks4 and 3 more`, the words as code. */
export function linesText(lines: readonly { readonly line: number; readonly words: string }[]): string {
  const named = lines.slice(0, SHOWN).map(({ line, words }) => `line ${line} \`${words}\``);
  const rest = lines.length - named.length;
  if (rest > 0) return `${named.join(", ")} and ${rest} more`;
  const last = named.pop() ?? "";
  return named.length === 0 ? last : `${named.join(", ")} and ${last}`;
}

const SHOWN = 3;
