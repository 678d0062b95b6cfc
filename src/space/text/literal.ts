// Literals as expressions, and expressions that are nothing but literals.
import { type ByteSet, oneByte, otherCase } from "./byte-set.ts";
import { type Expression, sequenceOf } from "./expression.ts";

export interface Literal {
  readonly kind: "exact" | "prefix" | "suffix" | "contains";
  readonly value: string;
  readonly ignoreCase: boolean;
}

export function expressionOf({ kind, value, ignoreCase }: Literal): Expression {
  const parts: Expression[] = [];
  if (kind === "exact" || kind === "prefix") parts.push({ kind: "assertion", holds: "start" });
  for (let at = 0; at < value.length; at += 1)
    parts.push({ kind: "bytes", set: oneByte(value.charCodeAt(at), ignoreCase) });
  if (kind === "exact" || kind === "suffix") parts.push({ kind: "assertion", holds: "end" });
  return sequenceOf(parts);
}

/** What an alternative consists of: `^`, `$` (as `\z`) and sets of bytes. */
type Part = "start" | "end" | ByteSet;

const MOST_ALTERNATIVES = 64;

/** The literals of which one is found exactly if the expression is: `^/(?:a|b)$`. Undefined: it is more than that. */
export function literalsOf(expression: Expression): readonly Literal[] | undefined {
  const literals: Literal[] = [];
  for (const alternative of alternativesOf(expression) ?? [undefined]) {
    const literal = alternative && literalOf(alternative);
    if (literal === undefined) return undefined;
    literals.push(literal);
  }
  return literals;
}

function alternativesOf(expression: Expression): readonly (readonly Part[])[] | undefined {
  switch (expression.kind) {
    case "bytes":
      return [[expression.set]];
    case "assertion":
      return expression.holds === "start" || expression.holds === "end" ? [[expression.holds]] : undefined;
    case "lookahead":
      return endsText(expression.of) && !expression.negative ? alternativesOf(expression.of) : undefined;
    case "repeat":
      if (expression.least !== 0 || expression.most !== 1) return undefined;
      return joined([[[]], alternativesOf(expression.of)]);
    case "choice":
      return joined(expression.parts.map(alternativesOf));
    case "sequence":
      return expression.parts.map(alternativesOf).reduce(product, [[]]);
  }
}

/** As in the lookahead for `$`: what it looks at is the rest of the text. */
function endsText(expression: Expression): boolean {
  const last = expression.kind === "sequence" ? expression.parts.at(-1) : expression;
  return last?.kind === "assertion" && last.holds === "end";
}

function joined(
  lists: readonly (readonly (readonly Part[])[] | undefined)[],
): readonly (readonly Part[])[] | undefined {
  const all: (readonly Part[])[] = [];
  for (const list of lists) {
    if (list === undefined || all.length + list.length > MOST_ALTERNATIVES) return undefined;
    all.push(...list);
  }
  return all;
}

function product(
  before: readonly (readonly Part[])[] | undefined,
  after: readonly (readonly Part[])[] | undefined,
): readonly (readonly Part[])[] | undefined {
  if (before === undefined || after === undefined) return undefined;
  if (before.length * after.length > MOST_ALTERNATIVES) return undefined;
  return before.flatMap((start) => after.map((rest) => [...start, ...rest]));
}

function literalOf(parts: readonly Part[]): Literal | undefined {
  const starts = parts[0] === "start";
  const ends = parts.at(-1) === "end";
  const bytes: number[] = [];
  let pairs = 0;
  let letters = 0;
  for (const part of parts.slice(starts ? 1 : 0, ends ? -1 : undefined)) {
    const members = typeof part === "string" ? [] : [...part.keys()].filter((byte) => part[byte] === 1);
    const [byte, other] = members;
    if (byte === undefined || members.length > 2 || (other !== undefined && other !== otherCase(byte)))
      return undefined;
    bytes.push(byte);
    if (other !== undefined) pairs += 1;
    if (otherCase(byte) !== byte) letters += 1;
  }
  if (pairs !== 0 && pairs !== letters) return undefined;
  return { kind: kindOf(starts, ends), value: String.fromCharCode(...bytes), ignoreCase: pairs > 0 };
}

function kindOf(starts: boolean, ends: boolean): Literal["kind"] {
  if (starts) return ends ? "exact" : "prefix";
  return ends ? "suffix" : "contains";
}
