// Places where the files of two edges differ, and to which no changed request was traced: their effect is unknown.
import { maskedLines } from "../findings/masked-text.ts";
import { parseHaproxyConfig } from "../wiring/haproxy/config.ts";
import type { WiringFile } from "../wiring/wiring.ts";
import { type Hunk, hunksOf } from "./hunk-causes.ts";

/** One sentence per place in `all`, without full stop, in the order of the files. Without comments, blank lines and copies in larger files. */
export function untracedPlaces(
  before: readonly WiringFile[],
  after: readonly WiringFile[],
  traced: ReadonlySet<string>,
  all = hunksOf(before, after),
): readonly string[] {
  const kinds = new Map([...before, ...after].map(({ file, kind }) => [file, kind]));
  const hunks = all
    .filter((hunk) => !traced.has(placeOfHunk(hunk)) && !isRemark(hunk, kinds.get(hunk.file)))
    .filter(({ file }) => !(isCopied(file, before) && isCopied(file, after)))
    .map((hunk) => `${placeOfHunk(hunk)} \`${firstLine(shownLines(hunk, before, after))}\``);
  return [
    ...hunks,
    ...onlyIn(after, before).map((file) => `${file} (new)`),
    ...onlyIn(before, after).map((file) => `${file} (removed)`),
  ].map((place) => `${place}: no changed request was traced to it`);
}

/** `haproxy.cfg:38 (new)` */
export function placeOfHunk({ at, what }: Pick<Hunk, "at" | "what">): string {
  return `${at.file}:${at.line} (${what})`;
}

/** Without passwords and keys: the later file's lines or, where lines were only removed, the earlier one's. */
function shownLines(
  { file, oldStart, oldLines, newLines, at }: Hunk,
  before: readonly WiringFile[],
  after: readonly WiringFile[],
): readonly string[] {
  const textIn = (files: readonly WiringFile[]) => files.find((one) => one.file === file)?.text ?? "";
  return newLines.length === 0
    ? maskedLines(textIn(before), oldStart, oldLines.length)
    : maskedLines(textIn(after), at.line, newLines.length);
}

function firstLine(all: readonly string[]): string {
  const lines = all.map((line) => line.trim());
  const line = lines.find((text) => /^[^#]/.test(text)) ?? lines[0] ?? "";
  return line.length <= MOST_CHARACTERS ? line : `${line.slice(0, MOST_CHARACTERS)}…`;
}

const MOST_CHARACTERS = 80;

/** Whether a larger file has all its lines, indented or not: a ConfigMap has those of `haproxy.cfg`. */
function isCopied(name: string, files: readonly WiringFile[]): boolean {
  const lines = (text = "") => `\n${text.replace(/^[ \t]+|[ \t]+$/gm, "").trim()}\n`;
  const own = lines(files.find(({ file }) => file === name)?.text);
  return files.some(({ file, text }) => {
    const other = file === name ? "" : lines(text);
    return other.length > own.length && other.includes(own);
  });
}

function isRemark({ oldLines, newLines }: Hunk, kind: WiringFile["kind"] | undefined): boolean {
  if (kind === "haproxy") return statementsOf(oldLines) === statementsOf(newLines);
  if (kind === undefined || !COMMENTED_BY_HASH.has(kind)) return false;
  return [...oldLines, ...newLines].every((line) => /^\s*(#|$)/.test(line));
}

/** Kinds in which a line that begins with `#` is always a comment; in YAML it may be part of a text. */
const COMMENTED_BY_HASH: ReadonlySet<WiringFile["kind"]> = new Set([
  "haproxy-map",
  "terraform",
  "resolv-conf",
]);

function statementsOf(lines: readonly string[]): string {
  const statements = parseHaproxyConfig(lines.join("\n"), "").lines.map(({ tokens }) =>
    tokens.map(({ value }) => value),
  );
  return JSON.stringify(statements.filter((words) => words.length > 0));
}

function onlyIn(files: readonly WiringFile[], others: readonly WiringFile[]): readonly string[] {
  const names = new Set(others.map(({ file }) => file));
  return files.map(({ file }) => file).filter((file) => !names.has(file));
}
