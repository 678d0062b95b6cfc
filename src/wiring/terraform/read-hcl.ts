// HCL text → its blocks; parts that do not parse are named, and the rest is read.
import type { Node, Tree } from "web-tree-sitter";
import type { Places } from "../../source/source-file.ts";
import type { LeftOut } from "../wiring.ts";
import type { ParseHcl } from "./grammar.ts";
import { expressionOf, type NodeOrigin, textOf } from "./read-expression.ts";
import type { Attribute, Block, Body } from "./syntax.ts";

export interface HclFile {
  readonly body: Body;
  readonly leftOut: readonly LeftOut[];
  /** Blocks are read from the parser's memory: it may be freed only after the last one was read. */
  readonly release: () => void;
}

export function readHcl(places: Places, parse: ParseHcl): HclFile {
  const whole = parse(places.text);
  if (whole !== null && !whole.rootNode.hasError) {
    return {
      body: bodyOf(bodyNodeOf(whole.rootNode), { places, offset: 0, sound: true }),
      leftOut: [],
      release: () => whole.delete(),
    };
  }
  whole?.delete();
  return readInParts(places, parse);
}

const headings =
  /^[ \t]*(?:resource|data|module|variable|output|locals|provider|terraform|moved|import|check|removed)\b[^=\n]*\{/gm;

/**
 * A file that does not parse as a whole is parsed block by block, from each line that can only begin one: an unclosed
 * brace or quote then affects only its own block.
 */
function readInParts(places: Places, parse: ParseHcl): HclFile {
  const starts = [...places.text.matchAll(headings)].map((match) => match.index);
  if (starts[0] !== 0) starts.unshift(0);
  const trees: Tree[] = [];
  const attributes = new Map<string, Attribute>();
  const blocks: Block[] = [];
  const leftOut: LeftOut[] = [];
  starts.forEach((offset, index) => {
    const tree = parsePart(places.text.slice(offset, starts[index + 1]), parse);
    if (tree === null) return;
    trees.push(tree);
    const part = { places, offset, sound: !tree.rootNode.hasError };
    const body = bodyOf(bodyNodeOf(tree.rootNode), part);
    for (const [name, attribute] of body.attributes) attributes.set(name, attribute);
    blocks.push(...body.blocks);
    if (tree.rootNode.hasError) leftOut.push(doesNotParse(tree.rootNode, part));
  });
  const release = (): void => {
    for (const tree of trees) tree.delete();
  };
  return { body: { attributes, blocks }, leftOut, release };
}

/** Terraform before 0.12 allowed quotes around an argument's name: `tags { "a/b" = "c" }`. */
const quotedNames = /^([ \t]*|[^\n#"]*\{[ \t]*)"([^"\\\n$]+)"(?=[ \t]*=|[ \t]+"[^"\n]*"[^=\n]*\{)/gm;

function parsePart(text: string, parse: ParseHcl): Tree | null {
  const tree = parse(text);
  if (tree !== null && !tree.rootNode.hasError) return tree;
  // Words of the same length: their text is read from the file by position.
  const bare = text.replace(
    quotedNames,
    (_, before: string, name: string) => `${before}${"_".repeat(name.length + 2)}`,
  );
  if (bare === text) return tree;
  const second = parse(bare);
  if (second === null || second.rootNode.hasError) {
    second?.delete();
    return tree;
  }
  tree?.delete();
  return second;
}

function doesNotParse(root: Node, part: NodeOrigin): LeftOut {
  const wrong = firstError(root) ?? root;
  const { text, at } = part.places;
  const start = Math.min(part.offset + wrong.startIndex, Math.max(0, text.length - 1));
  const heading = /^[ \t]*(\w+[^={}\n]{0,200}?)[ \t]*(?:\{|$)/m.exec(
    text.slice(part.offset, part.offset + 300),
  )?.[1];
  const name = heading === undefined ? "this part of the file" : heading.replaceAll('"', "");
  return {
    what: "does not parse",
    why: `of ${name} only the parts without it are read, and nothing is assumed about the rest`,
    severity: "error",
    at: at(start, Math.max(start + 1, part.offset + wrong.endIndex)),
  };
}

function firstError(root: Node): Node | undefined {
  let node = root;
  // Follows the first child with an error, without recursion: a tree may be 10,000 levels deep.
  for (;;) {
    if (node.isError || node.isMissing) return node;
    const next = node.children.find((child) => child.hasError || child.isMissing);
    if (next === undefined) return undefined;
    node = next;
  }
}

function bodyNodeOf(node: Node): Node | undefined {
  if (node.type === "body") return node;
  return node.children.find(({ type }) => type === "body");
}

function bodyOf(node: Node | undefined, part: NodeOrigin): Body {
  const attributes = new Map<string, Attribute>();
  const blocks: Block[] = [];
  for (const child of node?.children ?? []) {
    if (child.type === "attribute") {
      const attribute = attributeOf(child, part);
      if (attribute !== undefined && !attributes.has(attribute.name))
        attributes.set(attribute.name, attribute);
    } else if (child.type === "block") {
      const block = blockOf(child, part);
      if (block !== undefined) blocks.push(block);
    }
  }
  return { attributes, blocks };
}

function attributeOf(node: Node, part: NodeOrigin): Attribute | undefined {
  const [name, ...rest] = node.children;
  const value = rest.at(-1);
  if (name === undefined || name.type !== "identifier" || value === undefined) return undefined;
  const [start, end] = [part.offset + name.startIndex, part.offset + name.endIndex];
  const at = part.places.at(start, end);
  // Recovery may have skipped the name of the next line and taken its value.
  const broken = (!part.sound && node.hasError) || value.type !== "expression";
  return {
    name: unquoted(textOf(name, part)),
    expression: broken ? { kind: "unreadable", why: "it does not parse", at } : expressionOf(value, part),
    at,
  };
}

function blockOf(node: Node, part: NodeOrigin): Block | undefined {
  const children = node.children;
  const brace = children.findIndex(({ type }) => type === "block_start");
  const [type, ...labels] = children.slice(0, Math.max(brace, 1));
  if (type === undefined || type.type !== "identifier") return undefined;
  const body = children.find((child) => child.type === "body");
  const last = labels.at(-1) ?? type;
  const damaged = !part.sound && node.hasError;
  let read: Body | undefined;
  return {
    type: unquoted(textOf(type, part)),
    labels: labels.filter(({ isError }) => !isError).map((label) => unquoted(textOf(label, part))),
    body: () => {
      read ??= { ...bodyOf(body, part), ...(damaged ? { damaged } : {}) };
      return read;
    },
    at: part.places.at(part.offset + type.startIndex, part.offset + last.endIndex),
  };
}

function unquoted(text: string): string {
  return text.startsWith('"') && text.endsWith('"') && text.length > 1 ? text.slice(1, -1) : text;
}
