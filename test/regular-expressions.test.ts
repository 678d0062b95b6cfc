// No regular expression of src/ takes exponential time: Portico reads untrusted files.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parseSync } from "oxc-parser";
import { expect, test } from "vitest";
import { growthOf } from "../src/description/regex-explosion.ts";
import { NAMED_SET } from "../src/space/text/read-class.ts";
import { readDocuments } from "../src/wiring/kubernetes/read-documents.ts";

const SRC = join(import.meta.dirname, "../src");

/** Expressions that only seem to take exponential time, each with the reason. */
const ONLY_SEEM = new Map([
  [String.raw`(?:[^,"]|"(?:[^"\\]|\\.)*"?)+`, "nothing follows that could fail"],
  [NAMED_SET.source, "a lookahead makes the alternatives disjoint"],
  [String.raw`^(?:[\p{Mn}\p{Me}\u2060]|[\u200b-\u200d]|[\ufe00-\ufe0f])+$`, "its sets are disjoint"],
]);

test("every regular expression of src/ is bounded", () => {
  const expressions = readdirSync(SRC, { recursive: true, encoding: "utf8" })
    .filter((path) => path.endsWith(".ts"))
    .flatMap((path) => expressionsOf(path).map((pattern) => ({ path, pattern })));
  expect(expressions.length).toBeGreaterThan(900);
  const unbounded = expressions.filter(({ pattern }) => growthOf(withoutOtherSyntax(pattern)) !== "bounded");
  expect(new Set(unbounded.map(({ pattern }) => pattern))).toEqual(new Set(ONLY_SEEM.keys()));
});

test("a document that is not YAML, with forty indented lines, is read at once", () => {
  const lines = Array.from({ length: 40 }, (_, index) => `        a${index}: b\n`).join("");
  const text = `apiVersion: v1\nkind: ConfigMap\nmetadata:\n${lines}data: {{ .Values.data }}\n`;
  expect(JSON.stringify(readDocuments({ file: "template.yaml", text }))).toContain("is a template");
});

test("a bracket expression with sixty backslashes is read at once", () => {
  NAMED_SET.lastIndex = 0;
  expect(NAMED_SET.test(`:${"\\".repeat(60)}`)).toBe(false);
});

/** The regular expression literals. */
function expressionsOf(path: string): readonly string[] {
  const found: string[] = [];
  const visit = (node: unknown): void => {
    if (typeof node !== "object" || node === null) return;
    if ("regex" in node) found.push((node.regex as { pattern: string }).pattern);
    for (const child of Object.values(node)) visit(child);
  };
  visit(parseSync(path, readFileSync(join(SRC, path), "utf8")).program);
  return found;
}

/** Without what HAProxy's expressions do not have: each is replaced by what can match more. */
function withoutOtherSyntax(pattern: string): string {
  return pattern
    .replaceAll(/\\u(\{[0-9a-f]+\}|[0-9a-f]{4})|\\p\{\w+\}/gi, "\\x7f")
    .replaceAll("(?<=", "(?=")
    .replaceAll("(?<!", "(?!")
    .replaceAll(/(?<!\\)((?:\\\\)*)\\[1-9]/g, "$1");
}
