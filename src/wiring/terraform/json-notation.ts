// Terraform's JSON notation (.tf.json, .tfvars.json) → the same bodies as HCL gives.

import type { Json } from "../../source/json.ts";
import type { ParseHcl } from "./grammar.ts";
import { expressionOf } from "./read-expression.ts";
import type { Attribute, Block, Body, Expression } from "./syntax.ts";
import { emptyBody } from "./syntax.ts";

/** How many labels a block of the top level has: it distinguishes nested objects from arguments. */
const labelsOf: Readonly<Record<string, number>> = {
  resource: 2,
  data: 2,
  module: 1,
  variable: 1,
  output: 1,
  provider: 1,
  locals: 0,
  terraform: 0,
};

export function bodyOfJson(json: Json, parse: ParseHcl): Body {
  if (json.kind !== "object") return emptyBody;
  const blocks: Block[] = [];
  for (const [type, entry] of json.entries) {
    if (!Object.hasOwn(labelsOf, type)) continue;
    collect(entry.value, type, [], labelsOf[type] ?? 0, entry.at, parse, blocks);
  }
  return { attributes: new Map(), blocks };
}

/** Arguments as they are: no templates in them (.tfvars.json). */
export function plainBodyOfJson(json: Json): Body {
  return attributesOf(json, (inner) => jsonExpression(inner, undefined));
}

function collect(
  json: Json,
  type: string,
  labels: readonly string[],
  missing: number,
  at: Block["at"],
  parse: ParseHcl,
  into: Block[],
): void {
  // At any level there may be a list of objects instead of one object.
  if (json.kind === "list") {
    for (const item of json.items) collect(item, type, labels, missing, at, parse, into);
    return;
  }
  if (json.kind !== "object") return;
  if (missing === 0) {
    into.push({ type, labels, body: () => attributesOf(json, (inner) => jsonExpression(inner, parse)), at });
    return;
  }
  for (const [label, entry] of json.entries) {
    if (label === "//") continue;
    collect(entry.value, type, [...labels, label], missing - 1, entry.at, parse, into);
  }
}

function attributesOf(json: Json, read: (json: Json) => Expression): Body {
  if (json.kind !== "object") return emptyBody;
  const attributes = new Map<string, Attribute>();
  for (const [name, entry] of json.entries) {
    if (name !== "//") attributes.set(name, { name, expression: read(entry.value), at: entry.at });
  }
  return { attributes, blocks: [] };
}

/** Without a parser, text is literal. */
function jsonExpression(json: Json, parse: ParseHcl | undefined): Expression {
  const { at } = json;
  if (json.kind === "list")
    return { kind: "list", items: json.items.map((item) => jsonExpression(item, parse)), at };
  if (json.kind === "object") {
    const entries = [...json.entries].map(([name, entry]) => ({
      key: { kind: "literal", value: name, at: entry.at } as const,
      value: jsonExpression(entry.value, parse),
    }));
    return { kind: "object", entries, at };
  }
  if (parse === undefined || typeof json.value !== "string" || !/[$%]\{/.test(json.value)) {
    return { kind: "literal", value: json.value, at };
  }
  return templateOf(json.value, at, parse);
}

/** A template in a JSON string; everything in it is where the string is. */
function templateOf(value: string, at: Expression["at"], parse: ParseHcl): Expression {
  // As a heredoc would be: the JSON has already taken its escapes off, quotes inside ${ } are the expression's own.
  const text = `x = <<PORTICO\n${value}\nPORTICO\n`;
  const tree = parse(text);
  try {
    const node = tree?.rootNode.descendantsOfType("expression")[0];
    if (tree === null || node === undefined || tree.rootNode.hasError) {
      return { kind: "unreadable", why: "it does not parse", at };
    }
    return withoutLastNewline(
      expressionOf(node, { places: { file: at.file, text, at: () => at }, offset: 0, sound: true }),
    );
  } finally {
    tree?.delete();
  }
}

function withoutLastNewline(template: Expression): Expression {
  const last = template.kind === "template" ? template.parts.at(-1) : undefined;
  if (template.kind !== "template" || last?.kind !== "literal") return template;
  const text = String(last.value).replace(/\n$/, "");
  const parts = template.parts.slice(0, -1);
  return { ...template, parts: text === "" ? parts : [...parts, { ...last, value: text }] };
}
