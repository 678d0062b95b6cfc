// Tests of a converted text as tests of the text before: `path,lower -m str /a` holds where `path` is `/a` in any case.
import type { TextTest } from "../dimension.ts";
import { NotFollowed } from "../text/expression.ts";
import { literalsOf } from "../text/literal.ts";
import { readPattern } from "../text/read-pattern.ts";
import type { Transform } from "./value.ts";

export type Literal = Extract<TextTest, { kind: "exact" | "prefix" | "suffix" | "contains" }>;
export type Pattern = Extract<TextTest, { kind: "pattern" }>;
type Asked = Literal | Pattern;

/** A constant: it holds for every value, or for none. undefined: it cannot be expressed. */
export function pullBack(test: TextTest, through: readonly Transform[]): TextTest | boolean | undefined {
  let asked: TextTest | boolean | undefined = test;
  for (const transform of through.toReversed()) {
    if (typeof asked !== "object" || asked.kind === "present") return asked;
    asked = asked.kind === "any" ? pullBackAny(asked.tests, transform) : pullBackOne(asked, transform);
  }
  return asked;
}

function pullBackAny(tests: readonly TextTest[], transform: Transform): TextTest | boolean | undefined {
  const each = tests.map((test) => pullBack(test, [transform]));
  if (each.includes(true)) return true;
  if (each.includes(undefined)) return undefined;
  const left = each.filter((test) => typeof test === "object");
  return left.length === 0 ? false : { kind: "any", tests: left };
}

function pullBackOne(test: Asked, transform: Transform): TextTest | boolean | undefined {
  switch (transform.kind) {
    case "lower":
      return throughCase(test, /[A-Z]/);
    case "upper":
      return throughCase(test, /[a-z]/);
    case "drop":
      return test.kind === "pattern" ? undefined : throughDrop(test, transform.bytes);
    case "after":
      return throughFront(test, transform.front);
    case "rtrim":
      return test.kind === "pattern" ? undefined : throughTrim(test, transform.bytes);
    case "before":
      return test.kind === "pattern" ? undefined : throughBefore(test, transform.byte);
    case "url_dec":
      return test.kind === "pattern" ? undefined : throughDecoding(test, transform.form);
    case "url_enc":
      return test.kind === "exact" ? throughEncoding(test) : undefined;
  }
}

/** `lost`: the letters that the converter leaves none of. */
function throughCase(test: Asked, lost: RegExp): TextTest | boolean | undefined {
  if (test.kind !== "pattern")
    return !test.ignoreCase && lost.test(test.value) ? false : { ...test, ignoreCase: true };
  const letters = test.source.replace(/\\(?:[dDwWsSbBAz]|[^A-Za-z0-9])/g, "");
  const isPlain = !lost.test(letters) && !/\\[a-zA-Z]|\(\?[a-z^-]|\[\[/.test(letters);
  return isPlain && classesOf(letters).every(hasPlainRanges) ? { ...test, ignoreCase: true } : undefined;
}

function classesOf(source: string): readonly string[] {
  return source.match(/\[(?:\\.|[^\]\\])*\]/g) ?? [];
}

/** No range such as `+-_`, which has letters of one case only. */
function hasPlainRanges(set: string): boolean {
  const ranges = set.slice(1, -1).match(/.-./g) ?? [];
  return ranges.every((range) => /^(?:[0-9]-[0-9]|[a-z]-[a-z]|[A-Z]-[A-Z])$/.test(range));
}

const ANY = "[\\x00-\\xff]";

function throughDrop({ kind, value, ignoreCase }: Literal, bytes: number): TextTest {
  const text = escaped(value);
  const source = {
    exact: `^${ANY}{${bytes}}${text}$`,
    prefix: `^${ANY}{${bytes}}${text}`,
    suffix: `^${ANY}{${bytes},}${text}$`,
    contains: `^${ANY}{${bytes}}${ANY}*${text}`,
  }[kind];
  return { kind: "pattern", source: endOnly(source), ignoreCase };
}

function throughFront(test: Asked, front: string): TextTest | undefined {
  if (test.kind !== "pattern") return literalBehind(test, front);
  const literals = literalTests(test);
  if (literals === undefined) return patternBehind(test, front);
  return { kind: "any", tests: literals.map((literal) => literalBehind(literal, front)) };
}

/** An expression that begins with `^`, or whose start does not matter. */
function patternBehind({ source, ignoreCase, before, after }: Pattern, front: string): TextTest | undefined {
  const [verbs = ""] = /^(?:\(\*[^)]*\))*/.exec(source) ?? [];
  const written = source.slice(verbs.length);
  const isAnchored = written.startsWith("^");
  const bare = written.slice(isAnchored ? 1 : 0);
  const plain = bare.replace(/\[\^?(?:\\.|[^\]\\])*\]|\\[^AbBGKQ1-9gk]/g, "");
  const isPlain =
    !/[\^\\]|\(\?<?[=!]|\(\?[a-zA-Z]/.test(plain) && before === undefined && after === undefined;
  if (!isPlain || (isAnchored && plain.includes("|"))) return undefined;
  const start = `^${escaped(front)}${isAnchored ? "" : `${ANY}*`}`;
  return { kind: "pattern", source: `${verbs}${start}(?:${bare})`, ignoreCase };
}

function literalBehind({ kind, value, ignoreCase }: Literal, front: string): TextTest {
  if (kind === "exact" || kind === "prefix") return { kind, value: front + value, ignoreCase };
  const source = `^${escaped(front)}${ANY}*${escaped(value)}${kind === "suffix" ? "\\z" : ""}`;
  return { kind: "pattern", source, ignoreCase };
}

/** The literals of which one passes exactly where the expression is found; undefined: it is more than that. */
export function literalTests({ source, ignoreCase, before, after }: Pattern): readonly Literal[] | undefined {
  if (before !== undefined || after !== undefined) return undefined;
  try {
    return literalsOf(readPattern(source, ignoreCase));
  } catch (error) {
    if (error instanceof NotFollowed) return undefined;
    throw error;
  }
}

function throughTrim(test: Literal, bytes: string): TextTest | boolean | undefined {
  const { kind, value, ignoreCase } = test;
  const set = `[${escapedInSet(bytes)}]`;
  const endsTrimmed = value !== "" && bytes.includes(value.at(-1) ?? "");
  if (kind === "exact")
    return endsTrimmed
      ? false
      : { kind: "pattern", source: endOnly(`^${escaped(value)}${set}*$`), ignoreCase };
  if (value === "") return true;
  if (kind === "suffix")
    return endsTrimmed
      ? false
      : { kind: "pattern", source: endOnly(`${escaped(value)}${set}*$`), ignoreCase };
  if (!endsTrimmed) return test;
  // Something that is not trimmed must follow.
  const front = kind === "prefix" ? "^" : "";
  return { kind: "pattern", source: `${front}${escaped(value)}${set}*[^${escapedInSet(bytes)}]`, ignoreCase };
}

function throughBefore(test: Literal, byte: string): TextTest | boolean | undefined {
  const { kind, value, ignoreCase } = test;
  if (value === "" && kind !== "exact") return true;
  if (value.includes(byte)) return false;
  if (kind === "prefix") return test;
  const stop = `[${escapedInSet(byte)}]`;
  const others = `[^${escapedInSet(byte)}]*`;
  const source = {
    exact: `^${escaped(value)}(?:${stop}|$)`,
    suffix: `^${others}${escaped(value)}(?:${stop}|$)`,
    contains: `^${others}${escaped(value)}`,
  }[kind];
  return { kind: "pattern", source: endOnly(source), ignoreCase };
}

/** url_decode() in HAProxy's src/http.c: it fails where a `%` is not followed by two digits. */
function throughDecoding({ kind, value, ignoreCase }: Literal, form: boolean): TextTest | undefined {
  // Behind a question mark a plus is a blank.
  if (!form && /[?\0]/.test(value)) return undefined;
  const text = [...value].map((byte) => decodedFrom(byte, ignoreCase, form)).join("");
  const any = "(?:[^%]|%[0-9A-Fa-f]{2})*";
  const source = {
    exact: `^${text}$`,
    prefix: `^${text}${any}$`,
    suffix: `^${any}${text}$`,
    contains: `^${any}${text}${any}$`,
  }[kind];
  return { kind: "pattern", source: endOnly(source), ignoreCase: false };
}

function decodedFrom(byte: string, ignoreCase: boolean, form: boolean): string {
  const spellings = ignoreCase ? [...new Set([byte.toLowerCase(), byte.toUpperCase()])] : [byte];
  if (form && byte === " ") return "(?:\\+|%20| )";
  if (form && byte === "+") return "%2[bB]";
  return `(?:${spellings.flatMap((one) => [...(one === "%" ? [] : [escaped(one)]), percent(one)]).join("|")})`;
}

function percent(byte: string): string {
  const digits = byte.charCodeAt(0).toString(16).padStart(2, "0");
  return `%${[...digits].map((digit) => (/[a-f]/.test(digit) ? `[${digit}${digit.toUpperCase()}]` : digit)).join("")}`;
}

/** encode_chunk() in HAProxy's src/tools.c writes capital digits, and encodes all but unreserved characters. */
function throughEncoding(test: Literal): TextTest | boolean | undefined {
  if (test.ignoreCase) return undefined;
  if (!/^(?:[A-Za-z0-9._~-]|%[0-9A-F]{2})*$/.test(test.value)) return false;
  const value = test.value.replace(/%(..)/g, (_, digits: string) =>
    String.fromCharCode(Number.parseInt(digits, 16)),
  );
  return urlEncoded(value) === test.value ? { ...test, value } : false;
}

/** As `url_enc` does. */
export function urlEncoded(text: string): string {
  return text.replace(
    /[^A-Za-z0-9._~-]/g,
    (byte) => `%${byte.charCodeAt(0).toString(16).toUpperCase().padStart(2, "0")}`,
  );
}

/** As `url_dec` does; undefined: it fails. */
export function urlDecoded(text: string, form: boolean): string | undefined {
  if (/%(?![0-9A-Fa-f]{2})/.test(text)) return undefined;
  const [front = "", ...behind] = form ? [text.replaceAll("+", " ")] : text.split("?");
  return [front, ...behind.map((part) => part.replaceAll("+", " "))]
    .join("?")
    .replace(/%(..)/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 16)));
}

/** A literal as a regular expression. */
export function escaped(text: string): string {
  return [...text].map(escapedByte).join("");
}

function escapedByte(byte: string): string {
  if (/[A-Za-z0-9_]/.test(byte)) return byte;
  const code = byte.charCodeAt(0);
  if (code > 0xff) return byte;
  return code > 0x20 && code < 0x7f ? `\\${byte}` : `\\x${code.toString(16).padStart(2, "0")}`;
}

function escapedInSet(bytes: string): string {
  return [...bytes].map(escapedByte).join("");
}

/** PCRE's `$` also matches before a newline at the end. */
function endOnly(source: string): string {
  return source.replace(/\$$/, "\\z").replace(/\$\)$/, "\\z)");
}
