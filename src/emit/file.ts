// What every emitter returns: files with their paths below the output folder, and where their lines come from.
import { oneLine, wrap } from "../findings/columns.ts";
import type { Position } from "../findings/finding.ts";
import { reasonOf } from "../plan/described.ts";

/** The folders that emitters write to, in reading order. */
export const LAYERS: readonly string[] = ["haproxy", "image", "kubernetes", "cloud"];

export interface TextFile {
  /** Relative, with slashes: `haproxy/haproxy.cfg`. */
  readonly path: string;
  readonly content: string;
  /** Contains a password or a key: only the owner may read the file. */
  readonly secret?: boolean;
}

export interface EmittedFile extends TextFile {
  /** Line of `content`, counted from 1 → the place in the description that decided it. A line without an entry comes from a default. */
  readonly origins: ReadonlyMap<number, Position>;
}

/** The place in the description that decided a line of a rendered file; `undefined`: a default did. */
export function originOf(
  files: readonly EmittedFile[],
  { file, line }: Pick<Position, "file" | "line">,
): Position | undefined {
  return files.find(({ path }) => path === file)?.origins.get(line);
}

/** A place in the description, where there is one. */
export type Place = Position | undefined;

/** Text of a file, without the end of its last line. */
export interface PrintedLine {
  readonly text: string;
  readonly at?: Place;
}

/** Reason of a line: a comment of the emitter, a decision of the plan with its place, or a part of the plan that has only a place. */
export type Reason = string | { readonly because?: string | undefined; readonly at?: Place };

/** The comment and the place of what is written. A described value needs no comment: it is in the description. */
export function explained(reason: Reason | undefined): {
  readonly because: string | undefined;
  readonly at: Place;
} {
  if (typeof reason === "string") return { because: reason, at: undefined };
  return { because: reasonOf(reason?.because), at: reason?.at };
}

/** The place of a decision without its comment, which is on another line. */
export function placeOf({ at }: { readonly at?: Place }): { readonly at: Place } {
  return { at };
}

/** The reason of a decision with a prefix: `In seconds: the load balancer's own default`. */
export function remark(text: string, decided: Reason, between = ": "): Exclude<Reason, string> {
  const { because, at } = explained(decided);
  return { because: because === undefined ? text : `${text}${between}${because}`, at };
}

export const BLANK: PrintedLine = { text: "" };

/** Groups of lines with blank lines between them. */
export function separated(
  groups: readonly (readonly PrintedLine[])[],
  blanks: readonly PrintedLine[] = [BLANK],
): readonly PrintedLine[] {
  return groups.flatMap((group, index) => (index === 0 ? group : [...blanks, ...group]));
}

/** `whole`: the place of the whole file, for lines that have none of their own. */
export function emittedFile(path: string, printed: readonly PrintedLine[], whole?: Place): EmittedFile {
  const lines = printed.flatMap(({ text, at }) =>
    text.split("\n").map((one) => ({ text: one, at: at ?? whole })),
  );
  return {
    path,
    content: lines.map(({ text }) => `${text}\n`).join(""),
    origins: new Map(lines.flatMap(({ at }, index) => (at === undefined ? [] : [[index + 1, at]]))),
  };
}

/** A file whose content is from one place in the description, unchanged. */
export function copiedFile(path: string, content: string, at: Place): EmittedFile {
  const numbers = content.split("\n").map((_, index) => index + 1);
  return { path, content, origins: new Map(at === undefined ? [] : numbers.map((number) => [number, at])) };
}

/** Lines of a comment, each with its sign in front and at most `width` columns behind it. */
export function comment(text: string, width: number, sign = "# "): readonly string[] {
  return wrap(oneLine(text), width).map((line) => `${sign}${line}`);
}
