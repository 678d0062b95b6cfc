// One expression of HCL, from the parser's node to what can be evaluated.
import type { Node } from "web-tree-sitter";
import type { Position } from "../../findings/finding.ts";
import type { Places } from "../../source/source-file.ts";
import type { Expression, ForExpression, ObjectEntry } from "./syntax.ts";
import { heredocText, unescaped } from "./template-text.ts";

/** The part of a file that a node's offsets count from. */
export interface NodeOrigin {
  readonly places: Places;
  readonly offset: number;
  /** The part parses: its nodes need no check. */
  readonly sound: boolean;
}

export function textOf(node: Node, origin: NodeOrigin): string {
  return origin.places.text.slice(origin.offset + node.startIndex, origin.offset + node.endIndex);
}

/** Far deeper than real files, and far below the stack limit. */
const deepest = 200;

export function expressionOf(node: Node, origin: NodeOrigin, depth = 0): Expression {
  const at = placeOf(node, origin);
  if (depth > deepest) return { kind: "unreadable", why: "it is nested too deeply", at };
  if (!origin.sound && node.hasError) return { kind: "unreadable", why: "it does not parse", at };
  const inner = (child: Node): Expression => expressionOf(child, origin, depth + 1);
  const children = node.namedChildren.filter(({ type }) => type !== "comment");
  switch (node.type) {
    case "expression":
      return chainOf(children, at, inner, origin);
    case "literal_value":
    case "template_expr":
    case "collection_value":
    case "operation":
    case "for_expr":
      return children[0] === undefined ? unreadable(at) : inner(children[0]);
    case "numeric_lit":
      return { kind: "literal", value: Number(textOf(node, origin)), at };
    case "bool_lit":
      return { kind: "literal", value: textOf(node, origin) === "true", at };
    case "null_lit":
      return { kind: "literal", value: null, at };
    case "string_lit":
      return { kind: "literal", value: unescaped(textOf(node, origin).slice(1, -1)), at };
    case "quoted_template":
      return { kind: "template", parts: templateParts(node, origin, inner), at };
    case "heredoc_template":
      return heredocOf(node, origin, inner, at);
    case "tuple":
      return { kind: "list", items: children.filter(isExpression).map(inner), at };
    case "object":
      return {
        kind: "object",
        entries: children
          .filter(({ type }) => type === "object_elem")
          .map((child) => entryOf(child, origin, inner)),
        at,
      };
    case "variable_expr":
      return { kind: "name", name: textOf(node, origin), at };
    case "function_call":
      return callOf(children, origin, inner, at);
    case "unary_operation":
    case "binary_operation":
      return operationOf(node, inner, at, origin);
    case "conditional": {
      const [condition, yes, no] = children.filter(isExpression);
      if (condition === undefined || yes === undefined || no === undefined) return unreadable(at);
      return { kind: "conditional", condition: inner(condition), yes: inner(yes), no: inner(no), at };
    }
    case "for_tuple_expr":
    case "for_object_expr":
      return forOf(node, children, origin, inner, at);
    default:
      return {
        kind: "unreadable",
        why: `Portico does not evaluate ${JSON.stringify(shortened(textOf(node, origin)))}`,
        at,
      };
  }
}

type Inner = (child: Node) => Expression;

function unreadable(at: Position): Expression {
  return { kind: "unreadable", why: "it does not parse", at };
}

function shortened(text: string): string {
  return text.length > 40 ? `${text.slice(0, 37)}...` : text;
}

function placeOf(node: Node, origin: NodeOrigin): Position {
  return origin.places.at(origin.offset + node.startIndex, origin.offset + node.endIndex);
}

function isExpression({ type }: Node): boolean {
  return type === "expression";
}

/** A term and what follows it: `.name`, `[0]`, `.*.id`. */
function chainOf(nodes: readonly Node[], at: Position, inner: Inner, origin: NodeOrigin): Expression {
  const [first, ...rest] = nodes;
  if (first === undefined) return unreadable(at);
  let made = inner(first);
  // The place of a bare term is its own; a chain's is the whole.
  for (const step of rest) made = stepOf(made, step, at, inner, origin);
  return made;
}

function stepOf(of: Expression, step: Node, at: Position, inner: Inner, origin: NodeOrigin): Expression {
  if (step.type === "get_attr")
    return { kind: "attribute", of, name: textOf(step, origin).replace(/^\.\s*/, ""), at };
  if (step.type === "index") return { kind: "index", of, key: indexKey(step, inner, origin), at };
  if (step.type === "splat") {
    const steps = (step.namedChildren[0]?.namedChildren ?? []).map((child) =>
      child.type === "get_attr"
        ? textOf(child, origin).replace(/^\.\s*/, "")
        : indexKey(child, inner, origin),
    );
    return { kind: "splat", of, steps, at };
  }
  return unreadable(at);
}

function indexKey(index: Node, inner: Inner, origin: NodeOrigin): Expression {
  const form = index.namedChildren[0];
  const key = form?.namedChildren.find(isExpression);
  if (key !== undefined) return inner(key);
  // `.0`, as lists were indexed before 0.12.
  const at = placeOf(index, origin);
  return { kind: "literal", value: Number(textOf(index, origin).replace(/^\.\s*/, "")), at };
}

function entryOf(node: Node, origin: NodeOrigin, inner: Inner): ObjectEntry {
  const [keyNode, valueNode] = node.namedChildren.filter(isExpression);
  const at = placeOf(node, origin);
  if (keyNode === undefined || valueNode === undefined) return { key: unreadable(at), value: unreadable(at) };
  const key = inner(keyNode);
  // A bare word is text; in brackets it is an expression.
  const bare = key.kind === "name" && !textOf(keyNode, origin).startsWith("(");
  return { key: bare ? { kind: "literal", value: key.name, at: key.at } : key, value: inner(valueNode) };
}

function callOf(children: readonly Node[], origin: NodeOrigin, inner: Inner, at: Position): Expression {
  const [name, args] = children;
  if (name === undefined) return unreadable(at);
  const nodes = args?.namedChildren ?? [];
  return {
    kind: "call",
    name: textOf(name, origin),
    args: nodes.filter(isExpression).map(inner),
    spread: nodes.some(({ type }) => type === "ellipsis"),
    at,
  };
}

/** Operands are terms followed by their steps as siblings, not under a node of their own. */
function operationOf(node: Node, inner: Inner, at: Position, origin: NodeOrigin): Expression {
  const parts = node.children.filter(({ type }) => type !== "comment");
  const where = parts.findIndex(({ isNamed, type }) => !isNamed && type !== "(" && type !== ")");
  const operator = parts[where]?.type ?? "";
  const operand = (nodes: readonly Node[]): Expression =>
    chainOf(
      nodes.filter(({ isNamed }) => isNamed),
      at,
      inner,
      origin,
    );
  const operands = [parts.slice(0, where), parts.slice(where + 1)]
    .filter(({ length }) => length > 0)
    .map(operand);
  return { kind: "operation", operator, operands, at };
}

function forOf(
  node: Node,
  children: readonly Node[],
  origin: NodeOrigin,
  inner: Inner,
  at: Position,
): Expression {
  const intro = children.find(({ type }) => type === "for_intro");
  const names =
    intro?.namedChildren.filter(({ type }) => type === "identifier").map((name) => textOf(name, origin)) ??
    [];
  const over = intro?.namedChildren.find(isExpression);
  const [first, second] = children.filter(isExpression).map(inner);
  const condition = children.find(({ type }) => type === "for_cond")?.namedChildren.find(isExpression);
  const valueName = names.at(-1);
  const makes: ForExpression["makes"] = node.type === "for_tuple_expr" ? "list" : "object";
  const value = makes === "list" ? first : second;
  if (over === undefined || valueName === undefined || value === undefined) return unreadable(at);
  return {
    kind: "for",
    makes,
    keyName: names.length > 1 ? names[0] : undefined,
    valueName,
    over: inner(over),
    key: makes === "object" ? first : undefined,
    value,
    gathers: children.some(({ type }) => type === "ellipsis"),
    condition: condition && inner(condition),
    at,
  };
}

/** Literal text is the text between the expressions: the grammar drops white space at their edges. */
function templateParts(node: Node, origin: NodeOrigin, inner: Inner): readonly Expression[] {
  const open = node.namedChildren.find(({ type }) => type === "quoted_template_start");
  const close = node.namedChildren.findLast(({ type }) => type === "quoted_template_end");
  if (open === undefined || close === undefined) return [unreadable(placeOf(node, origin))];
  return partsBetween(node, open.endIndex, close.startIndex, origin, inner, unescaped);
}

function heredocOf(node: Node, origin: NodeOrigin, inner: Inner, at: Position): Expression {
  const [open, close] = node.namedChildren.filter(({ type }) => type === "heredoc_identifier");
  if (open === undefined || close === undefined) return unreadable(at);
  const text = origin.places.text;
  const start = text.indexOf("\n", origin.offset + open.endIndex) + 1 - origin.offset;
  const end = text.lastIndexOf("\n", origin.offset + close.startIndex - 1) + 1 - origin.offset;
  const parts = partsBetween(node, start, Math.max(start, end), origin, inner, (raw) => raw);
  return { kind: "template", parts: heredocText(parts, textOf(node, origin).startsWith("<<-")), at };
}

function partsBetween(
  node: Node,
  start: number,
  end: number,
  origin: NodeOrigin,
  inner: Inner,
  readText: (raw: string) => string,
): readonly Expression[] {
  const parts: Expression[] = [];
  const literal = (from: number, to: number): void => {
    if (to <= from) return;
    const [first, last] = [origin.offset + from, origin.offset + to];
    const value = readText(origin.places.text.slice(first, last));
    parts.push({ kind: "literal", value, at: origin.places.at(first, last) });
  };
  let done = start;
  for (const child of node.namedChildren) {
    if (child.type !== "template_interpolation" && child.type !== "template_directive") continue;
    literal(done, child.startIndex);
    done = child.endIndex;
    const expression = child.namedChildren.find(isExpression);
    if (child.type === "template_directive") {
      parts.push({
        kind: "unreadable",
        why: "Portico does not evaluate %{ } in text",
        at: placeOf(child, origin),
      });
    } else if (expression !== undefined) {
      parts.push(inner(expression));
    }
  }
  literal(done, end);
  return parts;
}
