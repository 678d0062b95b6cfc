// HAProxy's messages at the lines that they are about: those without a line name a proxy, a server or a word.

import type { Message } from "../../haproxy/messages.ts";
import {
  type HaproxyConfig,
  type HaproxyLine,
  type HaproxySection,
  wordsText,
} from "../../wiring/haproxy/config.ts";
import { onceEach } from "../groups.ts";

export interface PlacedMessage {
  readonly message: Message;
  /** undefined: it is about the configuration as a whole. */
  readonly line: HaproxyLine | undefined;
  /** How many messages about other lines follow from the same cause. */
  readonly consequences: number;
}

/**
 * `file` is the path that HAProxy was given for the configuration. The same message about the same line is kept once, whatever its digits
 * (servers of a template), and so does a cause with its consequences.
 */
export function placeMessages(
  config: HaproxyConfig,
  file: string,
  messages: readonly Message[],
): readonly PlacedMessage[] {
  const occurrences = new Map<string, number>();
  const placed = messages.map((message) => {
    const count = occurrences.get(message.text) ?? 0;
    occurrences.set(message.text, count + 1);
    const lines = linesOf(config, file, message);
    return { message, line: lines[Math.min(count, lines.length - 1)], consequences: 0 };
  });
  const distinct = onceEach(placed, keyOf);
  return withoutConsequences(
    config,
    distinct.filter((one) => !distinct.some((other) => makesRedundant(other, one))),
  );
}

/** HAProxy 3.2 reports two sections of one name twice: what follows from it is a warning, or a longer message of its own. */
function makesRedundant(other: PlacedMessage, one: PlacedMessage): boolean {
  if (one === other || one.line !== other.line) return false;
  const [mine, its] = [one.message, other.message];
  if (mine.level === its.level) return its.text.startsWith(`${mine.text} `);
  return its.level === "alert" && mine.text.startsWith(`${its.text} `);
}

function keyOf({ message: { level, text }, line }: PlacedMessage): string {
  return `${level} ${line?.number ?? 0} ${text.replace(/\d+/g, "#")}`;
}

/** The line with its number, else those of the most specific word that the message quotes. */
function linesOf(config: HaproxyConfig, file: string, message: Message): readonly HaproxyLine[] {
  if (message.line !== undefined) {
    const line = message.file === file ? config.lines[message.line - 1] : undefined;
    return line === undefined ? [] : [line];
  }
  const quoted = [...message.text.matchAll(/'([^'\n]+)'/g)].map(([, words = ""]) => words);
  const section = sectionNamed(config, message.text, quoted);
  const words = quoted
    .filter((word) => word !== section?.name?.value)
    .toSorted((a, b) => b.length - a.length);
  const within = section === undefined ? config.lines : section.lines;
  const found = words
    .map((word) => within.filter((line) => hasWords(line, word)))
    .find(({ length }) => length > 0);
  return found ?? (section?.header === undefined ? [] : [section.header]);
}

const KINDS =
  "proxy|frontend|backend|listen|peers|mailers|resolvers|ring|userlist|cache|log-forward|fcgi-app";

/** `backend 'b'`, `Peers section 'p'`, `section 'peers p'`; else the section that a quoted word is the name of. */
function sectionNamed(
  { sections }: HaproxyConfig,
  text: string,
  quoted: readonly string[],
): HaproxySection | undefined {
  const pattern = new RegExp(`\\b(${KINDS})(?: section)? '([^']+)'|'(${KINDS}) ([^']+)'`, "i");
  const [, before, first, inside, second] = pattern.exec(text) ?? [];
  const kind = (before ?? inside)?.toLowerCase();
  const name = first ?? second;
  const named = sections.filter((section) => name !== undefined && section.name?.value === name);
  const own = named.find((section) => section.kind === kind) ?? named[0];
  return own ?? sections.find((section) => quoted.some((word) => section.name?.value === word));
}

/** Whether a line has these words one after the other, or is the server or template that the word names. */
function hasWords(line: HaproxyLine, words: string): boolean {
  const [keyword, name] = line.tokens.map(({ value }) => value);
  if (keyword === "server-template" && words.replace(/\d+$/, "") === name) return true;
  return ` ${wordsText(line)} `.includes(` ${words} `);
}

/** A refused header leaves its section's lines without a section, a refused ACL its conditions without an ACL. */
function withoutConsequences(
  config: HaproxyConfig,
  placed: readonly PlacedMessage[],
): readonly PlacedMessage[] {
  const roots: { message: Message; line: HaproxyLine | undefined; consequences: number }[] = [];
  const causes = new Map<number, (typeof roots)[number]>();
  for (const one of placed) {
    const cause = one.message.level === "alert" ? causeOf(config, one, causes) : undefined;
    if (cause !== undefined) cause.consequences += 1;
    else roots.push({ ...one });
    const root = cause ?? roots.at(-1);
    if (one.message.level === "alert" && one.line !== undefined && root !== undefined)
      causes.set(one.line.number, causes.get(one.line.number) ?? root);
  }
  return roots;
}

function causeOf<T>(
  config: HaproxyConfig,
  { message: { text }, line }: PlacedMessage,
  causes: ReadonlyMap<number, T>,
): T | undefined {
  if (line === undefined || causes.has(line.number)) return undefined;
  const section = config.sections.find(({ header, lines }) => header === line || lines.includes(line));
  const opening = isLost(text, section) ? section?.header : undefined;
  const above =
    /^\s/.test(line.text) && /unknown keyword/.test(text) ? outdentedAbove(config, line) : undefined;
  const outdented = above === section?.header ? undefined : above;
  const acl = /no such ACL : '([^']+)'/.exec(text)?.[1];
  const sources = [
    opening,
    outdented,
    ...config.lines.filter(({ tokens }) => tokens[0]?.value === "acl" && tokens[1]?.value === acl),
    // Of the lines outside of any section, only the first reports what is missing.
    ...(NO_SECTION.test(text) ? (section?.lines ?? []) : []),
    ...(storeUsed(line)
      ? config.sections.filter(({ kind }) => kind === "crt-store").map(({ header }) => header)
      : []),
  ];
  const source = sources.find((one) => one !== undefined && one !== line && causes.has(one.number));
  return source === undefined ? undefined : causes.get(source.number);
}

/** Whether HAProxy reads a line as part of no section, or of another than it is written in. */
function isLost(text: string, section: HaproxySection | undefined): boolean {
  const [, kind] = / in '([^']+)' section/.exec(text) ?? [];
  return (kind !== undefined && kind !== section?.kind) || NO_SECTION.test(text);
}

const NO_SECTION = /out of section|'listen' or 'defaults' expected/;

/** The nearest line above that is not indented and not empty: a possible header of an unknown section. */
function outdentedAbove({ lines }: HaproxyConfig, { number }: HaproxyLine): HaproxyLine | undefined {
  return lines.slice(0, number - 1).findLast(({ text, tokens }) => tokens.length > 0 && !/^\s/.test(text));
}

/** `crt @store/certificate` */
function storeUsed({ tokens }: HaproxyLine): boolean {
  return tokens.some(({ value }, index) => value.startsWith("@") && tokens[index - 1]?.value === "crt");
}
