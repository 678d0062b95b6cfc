// Splits a shell line into commands and words, as far as needed to find installed packages.
import type { SourceFile } from "../../source/source-file.ts";

export interface ShellWord {
  /** Without its quotes; variables as they are written. */
  readonly text: string;
  /** In the file's text. */
  readonly start: number;
  readonly end: number;
}

export type ShellCommand = readonly ShellWord[];

export interface ShellScript {
  /** A whole text, and the part of it that is the script. */
  readonly text: SourceFile["text"];
  readonly start: number;
  readonly end: number;
  /** `\`, or the character of the Dockerfile's directive `escape`. */
  readonly escapeMark: string;
}

/** Lines continue after the escape character, and comments between such lines are removed (Dockerfile reference, "Format"). */
export function commandsOf({ text, start, end, escapeMark }: ShellScript): readonly ShellCommand[] {
  const commands: ShellWord[][] = [];
  let command: ShellWord[] = [];
  let word: { text: string; start: number } | undefined;
  let next = start;
  const endWord = (): void => {
    if (word !== undefined) command.push({ ...word, end: next });
    word = undefined;
  };
  const endCommand = (): void => {
    endWord();
    if (command.length > 0) commands.push(command);
    command = [];
  };
  const add = (more: string): void => {
    word = { text: (word?.text ?? "") + more, start: word?.start ?? next };
  };
  while (next < end) {
    const here = text[next] ?? "";
    const continued = here === escapeMark ? continuationEnd(text, next, end) : undefined;
    if (continued !== undefined) {
      if (word !== undefined && !/\S/.test(text[continued] ?? " ")) endWord();
      next = continued;
    } else if (here === "'" || here === '"') {
      const close = closingQuote(text, next, end);
      add(text.slice(next + 1, close));
      next = Math.min(close + 1, end);
    } else if (here === "\\" && next + 1 < end) {
      add(text[next + 1] ?? "");
      next += 2;
    } else if (here === "#" && word === undefined) {
      next = lineEnd(text, next, end);
    } else if (/[;&|()\n]/.test(here)) {
      endCommand();
      next += 1;
    } else if (/\s/.test(here)) {
      endWord();
      next += 1;
    } else {
      add(here);
      next += 1;
    }
  }
  endCommand();
  return commands;
}

/** Where the next line's text begins, comments and empty lines skipped; undefined: the line does not continue. */
function continuationEnd(text: string, at: number, end: number): number | undefined {
  const form = /[^\n]?[ \t]*\r?\n(?:[ \t]*(?:#[^\n]*|\r)?\n)*(?:[ \t]*#[^\n]*$)?/y;
  form.lastIndex = at;
  const found = form.exec(text);
  return found === null ? undefined : Math.min(end, at + found[0].length);
}

function closingQuote(text: string, open: number, end: number): number {
  const quote = text[open];
  for (let next = open + 1; next < end; next += 1) {
    if (text[next] === quote) return next;
    if (quote === '"' && text[next] === "\\") next += 1;
  }
  return end;
}

function lineEnd(text: string, at: number, end: number): number {
  const found = text.indexOf("\n", at);
  return found === -1 ? end : Math.min(found, end);
}
