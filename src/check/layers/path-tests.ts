// Tests of the path in conditions of haproxy.cfg, and other spellings of a path that servers read as the same.
import type { AclTest } from "../../wiring/haproxy/condition.ts";

type Method = "str" | "beg" | "end" | "dir" | "sub" | "reg";

/** A test of the request's path whose patterns are known. */
export interface PathTest {
  readonly method: Method;
  readonly ignoresCase: boolean;
  /** `path,url_dec`: compared without percent-encoding. */
  readonly decodes: boolean;
  /** With `ignoresCase` in lower case, except for regular expressions. */
  readonly patterns: readonly string[];
}

/** Another spelling of a path, and the `normalize-uri` action that undoes it. */
export interface Spelling {
  readonly path: string;
  readonly undoneBy:
    | "path-merge-slashes"
    | "path-strip-dot"
    | "path-strip-dotdot"
    | "percent-decode-unreserved";
}

const FETCH = /^(?:path|pathq|url)(?:_(beg|end|dir|sub|reg))?$/;
const FETCHES_OF_PATHS = /^(?:capture\.req\.uri|baseq?|path|pathq|url)(?:_\w+)?$/;

/** Whether a test reads the path at all. */
export function looksAtPath({ expression }: AclTest): boolean {
  return FETCHES_OF_PATHS.test(expression?.calls[0]?.name ?? "");
}

/** undefined: none, or one that is not understood: patterns in a file, other converters. */
export function pathTestOf({
  expression,
  method: named,
  ignoreCase,
  files,
  patterns,
}: AclTest): PathTest | undefined {
  const [fetch, ...converters] = expression?.calls ?? [];
  const found = FETCH.exec(fetch?.name ?? "");
  if (found === null || files.length > 0 || patterns.length === 0) return undefined;
  const names = converters.map(({ name }) => name);
  if (names.some((name) => name !== "lower" && name !== "url_dec")) return undefined;
  if (patterns.some(({ symbolic }) => symbolic)) return undefined;
  const method = methodOf(named ?? found[1] ?? "str");
  const ignoresCase = ignoreCase || names.includes("lower");
  const fold = (text: string) => (ignoresCase && method !== "reg" ? text.toLowerCase() : text);
  return (
    method && {
      method,
      ignoresCase,
      decodes: names.includes("url_dec"),
      patterns: patterns.map(({ value }) => fold(value)),
    }
  );
}

/** undefined: a regular expression that cannot be run here. */
export function matchesPath(test: PathTest, path: string): boolean | undefined {
  const subject = subjectOf(test, path);
  let known = true;
  for (const pattern of test.patterns) {
    const matched =
      test.method === "reg"
        ? matchesRegex(pattern, subject, test.ignoresCase)
        : matches(test.method, pattern, subject);
    if (matched === true) return true;
    known &&= matched !== undefined;
  }
  return known ? false : undefined;
}

/** The form of a path that a test compares with its patterns. */
export function subjectOf(
  { decodes, ignoresCase }: Pick<PathTest, "decodes" | "ignoresCase">,
  path: string,
): string {
  const plain = decodes ? decoded(path) : path;
  return ignoresCase ? plain.toLowerCase() : plain;
}

/** A path that a test matches, from its first pattern that is a path; undefined: none is, as with attack signatures. */
export function sampleOf(test: PathTest): string | undefined {
  return test.patterns
    .map((pattern) => {
      const literal = test.method === "reg" ? literalOf(pattern) : pattern;
      const path = literal?.startsWith("/")
        ? literal
        : `/${test.method === "end" ? "x" : ""}${literal ?? ""}`;
      return path.split(/[?#]/)[0] ?? path;
    })
    .find((path) => /^[\w./~-]*[a-z0-9][\w./~-]*$/i.test(path) && matchesPath(test, path) === true);
}

/** Spellings that a server which merges slashes, resolves dots and decodes unreserved characters reads as this path. */
export function spellingsOf(path: string): readonly Spelling[] {
  const last = path.search(/\/[^/]*\/?$/);
  const at = [...new Set([0, last])];
  return [
    ...at.map((index): Spelling => ({ path: insert(path, index, "/"), undoneBy: "path-merge-slashes" })),
    ...at.map((index): Spelling => ({ path: insert(path, index, "/."), undoneBy: "path-strip-dot" })),
    ...at.map((index): Spelling => ({ path: insert(path, index, "/x/.."), undoneBy: "path-strip-dotdot" })),
    ...[path.search(/[a-z0-9]/i), last < 0 ? -1 : last + 1, path.search(/[a-z0-9][^a-z0-9]*$/i)]
      .filter((index) => /[a-z0-9]/i.test(path.charAt(index)))
      .map((index): Spelling => ({ path: encodedAt(path, index), undoneBy: "percent-decode-unreserved" })),
  ];
}

function methodOf(name: string): Method | undefined {
  return (["str", "beg", "end", "dir", "sub", "reg"] as const).find((one) => one === name);
}

function matches(method: Exclude<Method, "reg">, pattern: string, subject: string): boolean {
  switch (method) {
    case "str":
      return subject === pattern;
    case "beg":
      return subject.startsWith(pattern);
    case "end":
      return subject.endsWith(pattern);
    case "sub":
      return subject.includes(pattern);
    // Whole segments, wherever they are (pat_match_dir() in HAProxy's src/pattern.c).
    case "dir":
      return `/${subject.replace(/\?.*$/, "")}/`.includes(`/${pattern.replace(/^\/+|\/+$/g, "")}/`);
  }
}

function matchesRegex(pattern: string, subject: string, ignoresCase: boolean): boolean | undefined {
  try {
    return new RegExp(pattern, ignoresCase ? "i" : "").test(subject);
  } catch {
    return undefined;
  }
}

/** What an anchored regular expression begins with, up to its first character of another meaning. */
function literalOf(pattern: string): string | undefined {
  const found = /^\^?((?:\\?[/.]|[\w%-])+)/.exec(pattern)?.[1];
  return found?.replaceAll("\\", "");
}

function decoded(path: string): string {
  return path.replace(/%([0-9a-f]{2})/gi, (_, code: string) =>
    String.fromCharCode(Number.parseInt(code, 16)),
  );
}

function insert(path: string, index: number, text: string): string {
  return path.slice(0, index) + text + path.slice(index);
}

function encodedAt(path: string, index: number): string {
  return `${path.slice(0, index)}%${path.charCodeAt(index).toString(16)}${path.slice(index + 1)}`;
}
