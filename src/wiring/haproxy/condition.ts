// Conditions: `acl` lines, and the terms after `if` and `unless` (manual section 7.2).

import type { HaproxyLine, HaproxyToken } from "./config.ts";
import { directiveOf } from "./config.ts";
import type { Expression } from "./expression.ts";
import { readExpression } from "./expression.ts";

/** The test of an ACL: `src -f /etc/x.lst 10.0.0.0/8`. */
export interface AclTest {
  readonly fetch: HaproxyToken;
  readonly expression?: Expression;
  /** Of `-m`, which beats the suffix of the fetch. */
  readonly method?: string;
  /** `-i`, for `patterns`. */
  readonly ignoreCase: boolean;
  /** False with `-n`. */
  readonly resolvesNames: boolean;
  readonly files: readonly PatternFile[];
  readonly patterns: readonly HaproxyToken[];
}

/** A file of patterns, `-f PATH`. */
export interface PatternFile {
  readonly path: HaproxyToken;
  /** Only an `-i` in front of `-f` holds for its patterns. */
  readonly ignoreCase: boolean;
  /** With `-M` the file is a map: each line is a pattern and a value. */
  readonly isMap: boolean;
}

export interface Condition {
  readonly keyword: "if" | "unless";
  /** The words after the keyword, as values separated by blanks. */
  readonly text: string;
  readonly first: HaproxyToken;
  readonly last: HaproxyToken;
  /** Parted by `or` or `||`: one of them holds if each of its terms does. Without any, as in `if or`, none holds. */
  readonly anyOf: readonly (readonly ConditionTerm[])[];
  /** Those of all alternatives. */
  readonly terms: readonly ConditionTerm[];
}

/** One ACL of a condition: a name, predefined ones included, or an anonymous one between braces. */
export interface ConditionTerm {
  readonly name?: string;
  readonly test?: AclTest;
  /** Whether a `!` precedes it. */
  readonly negated: boolean;
}

/** The name and test of an `acl` line. */
export function readAcl(
  line: HaproxyLine,
): { readonly name: HaproxyToken; readonly test: AclTest } | undefined {
  const [keyword, name, ...rest] = line.tokens;
  if (keyword?.value !== "acl" || !name) return undefined;
  const test = readTest(rest);
  return test && { name, test };
}

/** The tests of an `acl` line, or those in the condition of a rule. */
export function testsOf(line: HaproxyLine): readonly AclTest[] {
  const acl = readAcl(line);
  return acl ? [acl.test] : (readCondition(line)?.terms.flatMap(({ test }) => test ?? []) ?? []);
}

/** The condition of a rule, if the line can have one and has. `if` and `unless` without words are conditions. */
export function readCondition(line: HaproxyLine): Condition | undefined {
  const { words } = directiveOf(line);
  const keyword = words[0]?.value;
  if (keyword === undefined || unconditional.has(keyword)) return undefined;
  const at = conditionIndex(words);
  const head = words[at];
  if (head === undefined) return undefined;
  const inner = words.slice(at + 1);
  const anyOf = readAlternatives(inner);
  return {
    keyword: head.value === "unless" ? "unless" : "if",
    text: inner.map((token) => token.value).join(" "),
    first: inner[0] ?? head,
    last: inner.at(-1) ?? head,
    anyOf,
    terms: anyOf.flat(),
  };
}

/** parse_acl_cond() in HAProxy's src/acl.c: `or` in any case forgets a `!` before it; marks and blanks may precede a term. */
function readAlternatives(words: readonly HaproxyToken[]): readonly (readonly ConditionTerm[])[] {
  const anyOf: ConditionTerm[][] = [[]];
  let negated = false;
  for (let index = 0; index < words.length; index += 1) {
    const value = words[index]?.value ?? "";
    if (value === "") break;
    const word = value.replace(/^!+/, "");
    if ((value.length - word.length) % 2 === 1) negated = !negated;
    if (word === "") continue;
    if (isOr(word)) {
      anyOf.push([]);
    } else if (word === "{") {
      const close = words.findIndex((token, position) => position > index && token.value === "}");
      const end = close < 0 ? words.length : close;
      const test = readTest(words.slice(index + 1, end));
      if (test) anyOf.at(-1)?.push({ test, negated });
      index = end;
    } else {
      anyOf.at(-1)?.push({ name: word, negated });
    }
    negated = false;
  }
  return anyOf.filter((terms) => terms.length > 0);
}

function isOr(word: string): boolean {
  return word === "||" || word.toLowerCase() === "or";
}

/** The words of a directive in front of its condition. */
export function wordsBeforeCondition(line: HaproxyLine): readonly HaproxyToken[] {
  const { words } = directiveOf(line);
  if (unconditional.has(words[0]?.value ?? "")) return words;
  const at = conditionIndex(words);
  return at < 0 ? words : words.slice(0, at);
}

/** Whether a rule expects a PROXY header from the clients that it names. */
export function isExpectProxy(line: HaproxyLine): boolean {
  const [first, second, action] = line.tokens.map((token) => token.value);
  return (
    first === "tcp-request" &&
    second === "connection" &&
    (action === "expect-proxy" || action === "expect-netscaler-cip")
  );
}

// Lines in which `if` would be a name or a value.
const unconditional: ReadonlySet<string> = new Set([
  "acl",
  "bind",
  "server",
  "server-template",
  "default-server",
  "description",
  "log",
  "log-tag",
  "nameserver",
  "option",
  "setenv",
  "presetenv",
  "user",
  ".if",
  ".elif",
]);

/** The last `if` or `unless` outside braces: the ones before it are values, as in `set-header x if if HTTP_1.1`. */
function conditionIndex(words: readonly HaproxyToken[]): number {
  let found = -1;
  let inBraces = false;
  words.forEach((word, index) => {
    if (/^!*\{$/.test(word.value)) inBraces = true;
    else if (word.value === "}") inBraces = false;
    else if (!inBraces && index > 0 && (word.value === "if" || word.value === "unless")) found = index;
  });
  return found;
}

/** Whether a test identifies the client: by its address or by its password. */
export function identifiesClient({ fetch }: AclTest): boolean {
  return /^(src(,|$)|http_auth)/.test(fetch.value);
}

function readTest(words: readonly HaproxyToken[]): AclTest | undefined {
  const fetch = words[0];
  if (!fetch) return undefined;
  const files: PatternFile[] = [];
  let method: string | undefined;
  let ignoreCase = false;
  let resolvesNames = true;
  let isMap = false;
  let at = 1;
  for (; isFlag(words[at]); at += 1) {
    const flag = words[at]?.value;
    const next = words[at + 1];
    if (flag === "-i") ignoreCase = true;
    else if (flag === "-n") resolvesNames = false;
    else if (flag === "-M") isMap = true;
    else if (flag === "-m") method = next?.value ?? "";
    else if (flag === "-f" && next !== undefined) files.push({ path: next, ignoreCase, isMap });
    if (flag === "-m" || flag === "-f" || flag === "-u") at += 1;
    if (flag === "--") {
      at += 1;
      break;
    }
  }
  const expression = readExpression(fetch.value);
  // HAProxy reads no word after an empty one.
  const patterns = words.slice(at);
  const end = patterns.findIndex(({ value }) => value === "");
  return {
    fetch,
    ...(expression && { expression }),
    ...(method !== undefined && { method }),
    ignoreCase,
    resolvesNames,
    files,
    patterns: patterns.slice(0, end < 0 ? undefined : end),
  };
}

/** HAProxy refuses flags that it does not know. */
function isFlag(word: HaproxyToken | undefined): boolean {
  return /^-(?:[imnMfu]|-)$/.test(word?.value ?? "");
}
