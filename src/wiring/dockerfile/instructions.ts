// The instructions of a Dockerfile with the offsets of their arguments.
import { DockerfileParser } from "dockerfile-ast";
import type { Position } from "../../findings/finding.ts";
import type { Places } from "../../source/source-file.ts";
import { commandsOf, type ShellCommand, type ShellWord } from "./shell-words.ts";

export interface ReadInstruction {
  /** `FROM`, always in upper case. */
  readonly keyword: string;
  /** Options before the arguments: `--from=build`. */
  readonly flags: readonly string[];
  readonly start: number;
  readonly end: number;
  /** Arguments on one line: without continuations and comments between them. */
  readonly content: string;
  /** Of the keyword. */
  readonly at: Position;
  /** Of the arguments' first line. */
  readonly argumentsAt: Position;
}

export interface DockerfileText {
  readonly places: Places;
  readonly escapeMark: string;
  readonly instructions: readonly ReadInstruction[];
}

export function instructionsOf(places: Places): DockerfileText {
  // The parser treats a lone carriage return as a line end; editors do not.
  const text = places.text.replace(/\r(?!\n)/g, " ");
  const dockerfile = DockerfileParser.parse(text);
  const escapeMark = dockerfile.getEscapeCharacter();
  const lineStarts = [0, ...[...text.matchAll(/\n/g)].map(({ index }) => index + 1)];
  const offsetOf = ({ line, character }: { line: number; character: number }): number =>
    Math.min((lineStarts[line] ?? text.length) + character, text.length);
  const instructions = dockerfile.getInstructions().map((instruction): ReadInstruction => {
    const keyword = instruction.getInstructionRange();
    const whole = instruction.getRange();
    const [begin, last] = [offsetOf(keyword.start), offsetOf(keyword.end)];
    const end = Math.max(last, offsetOf(whole.end));
    const { flags, start } = flagsOf(text.slice(last, end), last, escapeMark);
    return {
      keyword: instruction.getKeyword(),
      flags,
      start,
      end,
      content: onOneLine(text.slice(start, end), escapeMark),
      at: places.at(begin, last),
      argumentsAt: places.at(start < end ? start : begin, start < end ? end : last),
    };
  });
  return { places, escapeMark, instructions };
}

/** The shell's commands of a RUN in any of its forms. */
export function runCommands(
  { places, escapeMark }: DockerfileText,
  run: ReadInstruction,
): readonly ShellCommand[] {
  const words = execWords(run.content);
  if (words !== undefined) {
    return [words.map((text): ShellWord => ({ text, start: run.start, end: run.end }))];
  }
  const { start, end } = heredocBody(places.text, run) ?? run;
  return commandsOf({ text: places.text, start, end, escapeMark });
}

/** The words of the exec form; undefined: it is not JSON, and so a line for the shell (Dockerfile reference, "Shell and exec form"). */
export function execWords(content: string): readonly string[] | undefined {
  if (!content.startsWith("[")) return undefined;
  try {
    const words: unknown = JSON.parse(content);
    return Array.isArray(words) && words.every((word) => typeof word === "string") ? words : undefined;
  } catch {
    return undefined;
  }
}

/** `RUN <<EOF`: the script between the markers. undefined: there is none. */
function heredocBody(text: string, run: ReadInstruction): { start: number; end: number } | undefined {
  const opening = /^<<-?(["']?)([A-Za-z_]\w*)\1[^\n]*\n/.exec(text.slice(run.start, run.end));
  if (opening === null) return undefined;
  const start = run.start + opening[0].length;
  const last = text.lastIndexOf("\n", run.end - 1);
  return { start, end: Math.max(start, last) };
}

function flagsOf(
  rest: string,
  offset: number,
  escapeMark: string,
): { flags: readonly string[]; start: number } {
  const flags: string[] = [];
  const space = escapeMark === "`" ? "(?:\\s|`[ \\t]*\\r?\\n)*" : "(?:\\s|\\\\[ \\t]*\\r?\\n)*";
  const form = new RegExp(`${space}(--[a-z][^\\s]*)?`, "y");
  for (;;) {
    const before = form.lastIndex;
    const found = form.exec(rest);
    if (found === null) return { flags, start: offset + before };
    if (found[1] === undefined) return { flags, start: offset + form.lastIndex };
    flags.push(found[1]);
  }
}

function onOneLine(text: string, escapeMark: string): string {
  const mark = escapeMark === "`" ? "`" : "\\\\";
  return text
    .replace(new RegExp(`${mark}[ \\t]*\\r?\\n(?:[ \\t]*(?:#[^\\n]*)?\\r?\\n|[ \\t]*#[^\\n]*$)*`, "g"), "")
    .trim();
}
