// How Terraform is written: values, references and blocks, each with its reason above, laid out as `terraform fmt` does.

/** Text is always a literal: what it holds is never read as a template. */
export type Value = string | number | boolean | null | Expression | readonly Value[] | Mapping;

/** HCL as it is, made of words of our own and never of a description's; with `values`, a call of a function of that name. */
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
  /** Why it is so: a sentence, without full stop; written above. */
  readonly because?: string | undefined;
}

export interface Block {
  readonly type: string;
  readonly labels: readonly string[];
  /** What it is there for: a sentence. */
  readonly about?: string | undefined;
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

/** `In seconds: the load balancer's own default`. */
export function inUnit(unit: string, because: string): string {
  return because === "described" ? unit : `${unit}: ${because}`;
}

/** That a value is described needs no saying: it stands in the description. */
export function set(name: string, value: Value, because?: string): Attribute {
  return { name, value, because: because === "described" ? undefined : because };
}

export function block(
  type: string,
  labels: readonly string[],
  body: readonly (Attribute | Block)[],
  about?: string,
): Block {
  return { type, labels, body, about };
}

/** A file: what it is about, then its blocks. */
export function printFile(about: string, blocks: readonly Block[]): string {
  return `${[commented(about, 0).join("\n"), ...blocks.map((one) => printBlock(one, 0))].join("\n\n")}\n`;
}

function printBlock({ type, labels, about, body }: Block, depth: number): string {
  const indent = INDENT.repeat(depth);
  const head = [type, ...labels.map((label) => `"${escaped(label)}"`)].join(" ");
  const comment = about === undefined ? [] : commented(about, depth);
  if (body.length === 0) return [...comment, `${indent}${head} {}`].join("\n");
  return [...comment, `${indent}${head} {`, printBody(body, depth + 1), `${indent}}`].join("\n");
}

/** Attributes follow each other; what has a reason, takes several lines or is a block stands apart. */
function printBody(body: readonly (Attribute | Block)[], depth: number): string {
  const groups: string[] = [];
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
    groups.push(isBlock(item) ? printBlock(item, depth) : explained(item, depth));
  }
  flush();
  return groups.join("\n\n");
}

function explained({ name, value, because }: Attribute, depth: number): string {
  const comment = because === undefined ? [] : commented(because, depth);
  return [...comment, `${INDENT.repeat(depth)}${name} = ${inline(value, depth)}`].join("\n");
}

function aligned(attributes: readonly Attribute[], depth: number): string {
  const widest = Math.max(...attributes.map(({ name }) => name.length));
  return attributes
    .map(({ name, value }) => `${INDENT.repeat(depth)}${name.padEnd(widest)} = ${inline(value, depth)}`)
    .join("\n");
}

/** One line; mappings and long lists take a line an entry. */
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

/** Whatever a reader may take for the end of a line is a space in a comment. */
function commented(text: string, depth: number): readonly string[] {
  const indent = INDENT.repeat(depth);
  const lines: string[] = [];
  const sentence = text.replaceAll(/[\u0000-\u001f\u007f-\u009f\u2028\u2029\ufeff\s]+/g, " ");
  for (const word of `${sentence.charAt(0).toUpperCase()}${sentence.slice(1)}`.split(" ")) {
    const last = lines.at(-1);
    if (last === undefined || last.length + word.length + 1 > WIDTH) lines.push(`${indent}# ${word}`);
    else lines[lines.length - 1] = `${last} ${word}`;
  }
  const last = lines.at(-1) ?? "";
  return [...lines.slice(0, -1), /[.:;]$/.test(last) ? last : `${last}.`];
}

function isList(value: Expression | Mapping | readonly Value[]): value is readonly Value[] {
  return Array.isArray(value);
}

function isBlock(item: Attribute | Block): item is Block {
  return "body" in item;
}
