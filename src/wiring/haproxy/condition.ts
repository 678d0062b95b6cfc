// Conditions: `acl` lines, and the terms after `if` and `unless` (manual section 7.2).

import type { HaproxyLine, HaproxyToken } from "./config.ts";
import { directiveOf } from "./config.ts";
import type { Expression } from "./expression.ts";
import { readExpression } from "./expression.ts";

/** What an ACL compares with what: `src -f /etc/x.lst 10.0.0.0/8`. */
export interface AclTest {
  readonly fetch: HaproxyToken;
  readonly expression?: Expression;
  /** `-i`, `-m beg` …: each with its value; `-f` and `--` are left out. */
  readonly flags: readonly string[];
  /** Given with `-f`. */
  readonly files: readonly HaproxyToken[];
  readonly patterns: readonly HaproxyToken[];
}

export interface Condition {
  readonly keyword: "if" | "unless";
  /** The words behind the keyword, as values parted by blanks. */
  readonly text: string;
  readonly first: HaproxyToken;
  readonly last: HaproxyToken;
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

/** The condition of a rule, if the line can have one and has. */
export function readCondition(line: HaproxyLine): Condition | undefined {
  const { words } = directiveOf(line);
  const keyword = words[0]?.value;
  if (keyword === undefined || unconditional.has(keyword)) return undefined;
  const at = conditionIndex(words);
  const head = words[at];
  const inner = words.slice(at + 1);
  const first = inner[0];
  const last = inner.at(-1);
  if (!head || !first || !last) return undefined;
  const terms: ConditionTerm[] = [];
  let bangs = 0;
  for (let index = 0; index < inner.length; index += 1) {
    const marks = /^!*/.exec(inner[index]?.value ?? "")?.[0].length ?? 0;
    const word = (inner[index]?.value ?? "").slice(marks);
    bangs += marks;
    if (word === "") continue;
    const negated = bangs % 2 === 1;
    bangs = 0;
    if (word === "or" || word === "||") continue;
    if (word !== "{") {
      terms.push({ name: word, negated });
      continue;
    }
    const close = inner.findIndex((token, position) => position > index && token.value === "}");
    const test = readTest(inner.slice(index + 1, close < 0 ? inner.length : close));
    if (test) terms.push({ test, negated });
    index = close < 0 ? inner.length : close;
  }
  const text = inner.map((token) => token.value).join(" ");
  return { keyword: head.value === "unless" ? "unless" : "if", text, first, last, terms };
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
export function asksWho({ fetch }: AclTest): boolean {
  return /^(src(,|$)|http_auth)/.test(fetch.value);
}

function readTest(words: readonly HaproxyToken[]): AclTest | undefined {
  const fetch = words[0];
  if (!fetch) return undefined;
  const files: HaproxyToken[] = [];
  const flags: string[] = [];
  let at = 1;
  for (; at < words.length; at += 1) {
    const flag = words[at]?.value;
    if (flag === "-f") {
      const file = words[at + 1];
      if (file) files.push(file);
      at += 1;
    } else if (flag === "-m" || flag === "-u") {
      flags.push(`${flag} ${words[at + 1]?.value ?? ""}`);
      at += 1;
    } else if (flag === "--") {
      at += 1;
      break;
    } else if (flag === "-i" || flag === "-n" || flag === "-M") {
      flags.push(flag);
    } else {
      break;
    }
  }
  const expression = readExpression(fetch.value);
  return { fetch, flags, files, patterns: words.slice(at), ...(expression && { expression }) };
}
