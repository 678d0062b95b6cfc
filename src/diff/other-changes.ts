// Places where the files of two edges differ that are neither part of the proof nor the cause of a change: requests do not show their effect.
import { maskedLines } from "../findings/masked-text.ts";
import { EVALUATED, hasOtherEffect } from "../space/haproxy/directives.ts";
import type { Unexamined } from "../space/program.ts";
import {
  directiveOf,
  type HaproxyConfig,
  type HaproxyLine,
  lineStart,
  parseHaproxyConfig,
} from "../wiring/haproxy/config.ts";
import type { WiringFile } from "../wiring/wiring.ts";
import type { Hunk } from "./hunks.ts";

/** What the proof covers; undefined: there is no proof. */
export interface Proof {
  /** The configurations that were evaluated, before and after. */
  readonly configs: readonly HaproxyConfig[];
  /** Maps and lists that were evaluated on both sides. */
  readonly maps: ReadonlySet<string>;
  readonly unexamined: readonly Unexamined[];
  /** Sections that it leaves out. */
  readonly without?: ReadonlySet<string>;
}

/** One text per place, in file order. Without causes, comments, blank lines and copies of HAProxy's files. */
export function otherChanges(
  before: readonly WiringFile[],
  after: readonly WiringFile[],
  hunks: readonly Hunk[],
  proof: Proof | undefined,
  isCause: (hunk: Hunk) => boolean = () => false,
): readonly string[] {
  const kinds = new Map([...before, ...after].map(({ file, kind }) => [file, kind]));
  const covers = proof === undefined ? () => false : coverage(proof);
  const isCopy = copies(hunks, kinds);
  const places = hunks
    .filter((hunk) => !isCause(hunk) && !isCopy(hunk))
    .filter((hunk) => !isRemark(hunk, kinds.get(hunk.file)) && !covers(hunk))
    .map((hunk) => `${placeOfHunk(hunk)} \`${firstLine(shownLines(hunk, before, after))}\``);
  return [
    ...places,
    ...onlyIn(after, before).map((file) => `${file} (new)`),
    ...onlyIn(before, after).map((file) => `${file} (removed)`),
  ];
}

/** Whether all that a place changes is part of a proof. */
function coverage({ configs, maps, unexamined, without }: Proof): (hunk: Hunk) => boolean {
  const lines = new Map(configs.map((config) => [config, linesByPlace(config)]));
  const places = new Set(unexamined.map(({ at }) => `${at?.file}:${at?.line}`));
  const others = [
    ...unexamined.map(({ text }) => text),
    ...configs.flatMap((config) => config.lines.filter((line) => !isEvaluated(line)).map(({ text }) => text)),
  ].join("\n");
  const words = new Set(others.split(/[^\w.-]+/));
  const isUsedElsewhere = (name: string) => words.has(name);
  const coversLine = (config: HaproxyConfig, place: string) => {
    const found = lines.get(config)?.get(place);
    if (found === undefined) return false;
    if (found.line.tokens.length === 0) return true;
    if (places.has(place) || without?.has(found.section) === true) return false;
    return isEvaluated(found.line) && !definedNames(found.line).some(isUsedElsewhere);
  };
  return ({ file, oldLines, oldStart, newLines, newStart }) => {
    if (maps.has(file)) return !isUsedElsewhere(file.replace(/^.*\//, ""));
    const [old, now] = configs;
    if (old === undefined || now === undefined) return false;
    const all = (count: number, start: number, config: HaproxyConfig) =>
      Array.from({ length: count }, (_, index) => `${file}:${start + index}`).every((place) =>
        coversLine(config, place),
      );
    return all(oldLines.length, oldStart, old) && all(newLines.length, newStart, now);
  };
}

interface PlacedLine {
  readonly line: HaproxyLine;
  /** The name of its section. */
  readonly section: string;
}

/** By file and line. */
function linesByPlace(config: HaproxyConfig): ReadonlyMap<string, PlacedLine> {
  return new Map(
    config.sections.flatMap(({ name, header, lines }) =>
      [...(header === undefined ? [] : [header]), ...lines].map((line) => {
        const { file, line: number } = lineStart(config, line);
        return [`${file}:${number}`, { line, section: name?.value ?? "" }] as const;
      }),
    ),
  );
}

function isEvaluated(line: HaproxyLine): boolean {
  const [first = "", action = "", third = ""] = directiveOf(line).words.map(({ value }) => value);
  if (!EVALUATED.has(first)) return false;
  // A section takes timeouts and limits from its `defaults`.
  if (/^(?:frontend|backend|listen)$/.test(first)) return third !== "from";
  if (first === "tcp-request") return action !== "inspect-delay" && !hasOtherEffect(third);
  return !(/^http-/.test(first) && hasOtherEffect(action));
}

/** What other lines refer to: an ACL, a variable, a header. */
export function definedNames(line: HaproxyLine): readonly string[] {
  const [first = "", action = "", name = ""] = directiveOf(line).words.map(({ value }) => value);
  if (first === "acl") return [action];
  const variable = /^(?:un)?set-var(?:-fmt)?\(([^,)]*)/.exec(first === "tcp-request" ? name : action)?.[1];
  return variable === undefined ? [] : [variable];
}

/** `haproxy.cfg:38 (new)` */
function placeOfHunk({ at, what }: Pick<Hunk, "at" | "what">): string {
  return `${at.file}:${at.line} (${what})`;
}
/** Without passwords and keys: the later file's lines or, if lines were only removed, the earlier one's. */
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

/** Whether a change repeats a change of HAProxy's files in a copy of them, such as a ConfigMap, indented or not. */
function copies(
  hunks: readonly Hunk[],
  kinds: ReadonlyMap<string, WiringFile["kind"]>,
): (hunk: Hunk) => boolean {
  const isOwn = ({ file }: Hunk) => /^haproxy/.test(kinds.get(file) ?? "");
  const linesIn = (lines: readonly string[]) => lines.map((line) => line.trim());
  const own = hunks.filter(isOwn);
  const [removed, added] = [
    new Set(own.flatMap(({ oldLines }) => linesIn(oldLines))),
    new Set(own.flatMap(({ newLines }) => linesIn(newLines))),
  ];
  return (hunk) =>
    !isOwn(hunk) &&
    linesIn(hunk.oldLines).every((line) => removed.has(line)) &&
    linesIn(hunk.newLines).every((line) => added.has(line));
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
