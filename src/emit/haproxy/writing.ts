// How lines of haproxy.cfg are written: words quoted when they must be, comments aligned, sections in groups.
import type { RawLine } from "../../plan/raw-lines.ts";
import { comment, explained, type Place, type PrintedLine, type Reason, separated } from "../file.ts";

export interface Line extends PrintedLine {
  /** The reason of the line; written next to it. */
  readonly because?: string | undefined;
}

/** Lines that belong together, or those with a comment above them. */
export type Group =
  | readonly Line[]
  | { readonly because: string | undefined; readonly lines: readonly Line[] };

export interface SectionText {
  readonly head: string;
  readonly because: string | undefined;
  readonly at: Place;
  readonly groups: readonly Group[];
}

const INDENT = "    ";
/** Beyond this column, a reason is on a separate line above. */
const WIDEST_INLINE = 64;

/** One word for HAProxy's parser, with any content (manual section 2.2): single quotes preserve every character. */
export function word(text: string): string {
  if (/^[A-Za-z0-9_.:/@*+,=~^<>?!;&%|()[\]-]+$/.test(text)) return text;
  return `'${text.replaceAll("'", "'\\''")}'`;
}

/** A word that is the value of an environment variable, with any characters (manual section 2.3). */
export function variableWord(name: string): string {
  return `"\${${name}}"`;
}

/** Text inside a log-format string (manual section 8.2.6): a percent sign is doubled. */
export function literal(text: string): string {
  return text.replaceAll("%", "%%");
}

/** A word that is a log-format string of fixed text. */
export function literalWord(text: string): string {
  return word(literal(text));
}

/** `reason`: the comment, or the decision that gives comment and place. */
export function line(text: string, reason?: Reason): Line {
  return { text, ...explained(reason) };
}

/** Lines have the place of `about` where they have none of their own. */
export function group(about: Reason | undefined, lines: readonly Line[]): Group {
  const { because, at } = explained(about);
  return { because, lines: lines.map((one) => ({ ...one, at: one.at ?? at })) };
}

export function rawGroup(raw: readonly RawLine[], at?: Place): Group {
  const lines = raw.map((one) => line(one.text, { at: one.at }));
  return group({ because: "raw lines from the description", at }, lines);
}

/** Lines have the place of `about` where they have none of their own. */
export function haproxySection(
  head: string,
  about: Reason | undefined,
  groups: readonly Group[],
): SectionText {
  return { head, ...explained(about), groups };
}

export function printSections(sections: readonly SectionText[]): readonly PrintedLine[] {
  return separated(sections.map(printSection));
}

function printSection({ head, because, at, groups }: SectionText): readonly PrintedLine[] {
  const above = because === undefined ? [] : comment(because, 100);
  const body = separated(groups.map(printGroup).filter(({ length }) => length > 0));
  const lines: readonly PrintedLine[] = [...[...above, head].map((text) => ({ text })), ...body];
  return lines.map((one) => ({ ...one, at: one.at ?? at }));
}

function printGroup(printed: Group): readonly PrintedLine[] {
  const { because: about, lines } = "lines" in printed ? printed : { because: undefined, lines: printed };
  if (lines.length === 0) return [];
  const inline = lines.filter(({ text, because }) => because !== undefined && text.length <= WIDEST_INLINE);
  const column = Math.max(0, ...inline.map(({ text }) => text.length)) + 2;
  const above = about === undefined ? [] : comment(about, 96, `${INDENT}# `);
  return [...above.map((text) => ({ text })), ...lines.flatMap((one) => printLine(one, column))];
}

function printLine({ text, because, at }: Line, column: number): readonly PrintedLine[] {
  if (because === undefined) return [{ text: `${INDENT}${text}`, at }];
  if (text.length <= WIDEST_INLINE) return [{ text: `${INDENT}${text.padEnd(column)}# ${because}`, at }];
  return [...comment(because, 96, `${INDENT}# `), `${INDENT}${text}`].map((one) => ({ text: one, at }));
}
