// How Terraform is written: values, references and blocks, each with its reason above, formatted as `terraform fmt` does.
import { sentence } from "../../findings/sentence.ts";
import {
  comment,
  type EmittedFile,
  emittedFile,
  explained,
  type Place,
  type PrintedLine,
  type Reason,
  separated,
} from "../file.ts";

/** Text is always a literal, never a template. */
export type Value = string | number | boolean | null | Expression | readonly Value[] | Mapping;

/** Raw HCL, never with text of a description; with `values`, a call of a function of that name. */
export interface Expression {
  readonly hcl: string;
  readonly values?: readonly Value[];
}

export interface Mapping {
  readonly entries: readonly (readonly [key: string, value: Value])[];
}

export interface Attribute {
  readonly name: string;
  readonly value: Value;
  /** The reason: a sentence, without full stop; written above. */
  readonly because?: string | undefined;
  readonly at?: Place;
}

export interface Block {
  readonly head: string;
  /** Its purpose: a sentence. */
  readonly because?: string | undefined;
  readonly at?: Place;
  readonly body: readonly (Attribute | Block)[];
}

const WIDTH = 110;
const INDENT = "  ";

/** `aws_elb.this.name`, `var.tags`. */
export function reference(path: string): Expression {
  return { hcl: path };
}

/** `toset([…])`. */
export function call(name: string, ...values: readonly Value[]): Expression {
  return { hcl: name, values };
}

/** Text with references in it: `"${var.name}-30443"`. */
export function template(...parts: readonly (string | Expression)[]): Expression {
  const inner = parts.map((part) => (typeof part === "string" ? escaped(part) : `\${${part.hcl}}`));
  return { hcl: `"${inner.join("")}"` };
}

export function mapping(entries: Readonly<Record<string, Value>>): Mapping {
  return { entries: Object.entries(entries) };
}

/** `reason`: the comment, or the decision that gives comment and place. */
export function set(name: string, value: Value, reason?: Reason): Attribute {
  return { name, value, ...explained(reason) };
}

/** `head`: the type and its labels, which contain no spaces: `resource aws_elb this`. */
export function block(head: string, body: readonly (Attribute | Block)[]): Block {
  return { head, body };
}

export function commentedBlock(
  about: Reason | undefined,
  head: string,
  body: readonly (Attribute | Block)[],
): Block {
  return { head, body, ...explained(about) };
}

/** A file: its purpose, then its blocks. */
export function printFile(
  path: string,
  about: { readonly because: string; readonly at?: Place },
  blocks: readonly Block[],
): EmittedFile {
  const groups = [commented(about, 0), ...blocks.map((one) => printBlock(one, 0))];
  return emittedFile(path, separated(groups), about.at);
}

function printBlock(block: Block, depth: number): readonly PrintedLine[] {
  const { at, body } = block;
  const indent = INDENT.repeat(depth);
  const [type, ...labels] = block.head.split(" ");
  const head = `${indent}${[type, ...labels.map((label) => `"${label}"`)].join(" ")} {`;
  const about = commented(block, depth);
  if (body.length === 0) return [...about, { text: `${head}}`, at }];
  return [...about, { text: head, at }, ...printBody(body, depth + 1), { text: `${indent}}`, at }];
}

/** Attributes follow each other; blank lines separate blocks and attributes with a reason or several lines. */
function printBody(body: readonly (Attribute | Block)[], depth: number): readonly PrintedLine[] {
  const groups: (readonly PrintedLine[])[] = [];
  let plain: Attribute[] = [];
  const flush = () => {
    if (plain.length > 0) groups.push(aligned(plain, depth));
    plain = [];
  };
  for (const item of body) {
    if (!isBlock(item) && item.because === undefined && !inline(item.value).includes("\n")) {
      plain.push(item);
      continue;
    }
    flush();
    groups.push(
      isBlock(item) ? printBlock(item, depth) : [...commented(item, depth), ...aligned([item], depth)],
    );
  }
  flush();
  return separated(groups);
}

function aligned(attributes: readonly Attribute[], depth: number): readonly PrintedLine[] {
  const widest = Math.max(...attributes.map(({ name }) => name.length));
  return attributes.map(({ name, value, at }) => ({
    text: `${INDENT.repeat(depth)}${name.padEnd(widest)} = ${inline(value, depth)}`,
    at,
  }));
}

/** One line; mappings and long lists have one line per entry. */
function inline(value: Value, depth = 0): string {
  if (typeof value === "string") return `"${escaped(value)}"`;
  if (value === null || typeof value !== "object") return String(value);
  if (isList(value)) return printList(value, depth);
  if ("entries" in value) return printMapping(value, depth);
  const { hcl, values } = value;
  return values === undefined ? hcl : `${hcl}(${values.map((one) => inline(one, depth)).join(", ")})`;
}

function printList(value: readonly Value[], depth: number): string {
  const items = value.map((item) => inline(item, depth + 1));
  const line = `[${items.join(", ")}]`;
  if (INDENT.length * depth + line.length <= WIDTH - 20 && !line.includes("\n")) return line;
  const indent = INDENT.repeat(depth + 1);
  return `[\n${items.map((item) => `${indent}${item},\n`).join("")}${INDENT.repeat(depth)}]`;
}

function printMapping({ entries }: Mapping, depth: number): string {
  if (entries.length === 0) return "{}";
  const keys = entries.map(([key]) => (/^[a-z_]+$/.test(key) ? key : `"${escaped(key)}"`));
  const widest = Math.max(...keys.map((key) => key.length));
  const lines = entries.map(
    ([, value], index) =>
      `${INDENT.repeat(depth + 1)}${(keys[index] ?? "").padEnd(widest)} = ${inline(value, depth + 1)}\n`,
  );
  return `{\n${lines.join("")}${INDENT.repeat(depth)}}`;
}

/** Terraform language, "Strings and Templates": quotes, backslashes, line ends and what begins a template. */
function escaped(text: string): string {
  return text
    .replaceAll(/[\\"]/g, "\\$&")
    .replaceAll(/[$%](?=\{)/g, "$&$&")
    .replaceAll("\n", "\\n")
    .replaceAll("\r", "\\r")
    .replaceAll("\t", "\\t")
    .replaceAll(
      /[\u0000-\u001f\u007f-\u009f\u2028\u2029\ufeff]/g,
      (found) => `\\u${found.charCodeAt(0).toString(16).padStart(4, "0")}`,
    );
}

/** The reason as a sentence. */
function commented(
  { because, at }: { readonly because?: string | undefined; readonly at?: Place },
  depth: number,
): readonly PrintedLine[] {
  if (because === undefined) return [];
  const indent = INDENT.repeat(depth);
  return comment(sentence(because), WIDTH - indent.length - 2, `${indent}# `).map((text) => ({ text, at }));
}

function isList(value: Expression | Mapping | readonly Value[]): value is readonly Value[] {
  return Array.isArray(value);
}

function isBlock(item: Attribute | Block): item is Block {
  return "body" in item;
}
