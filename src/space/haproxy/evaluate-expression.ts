// Expressions such as `path,lower`, and texts with expressions in them, for all requests.
import type { Expression, ExpressionCall } from "../../wiring/haproxy/expression.ts";
import { readExpression } from "../../wiring/haproxy/expression.ts";
import { combine, either, keyOfChoice, mapChoice, one } from "./choice.ts";
import { convert } from "./convert.ts";
import { fetchName, fetchValue, receivedTarget, unfollowed } from "./fetch.ts";
import { METHOD, PATH } from "./request-dimensions.ts";
import type { Scope } from "./scope.ts";
import { constant, joined, opaque, partsOf, type Scalar, showScalar, source, type Value } from "./value.ts";

/** What an expression yields; of a header its last value. */
export function evaluateExpression(scope: Scope, { calls }: Expression): Value {
  const [fetch, ...converters] = calls;
  if (fetch === undefined) return one(undefined);
  return convertAll(scope, evaluateFetch(scope, fetch), converters);
}

export function convertAll(scope: Scope, value: Value, converters: readonly ExpressionCall[]): Value {
  return converters.reduce((input, call) => convert(scope, input, call), value);
}

function evaluateFetch(scope: Scope, call: ExpressionCall): Value {
  const given = call.arguments.map(({ value }) => value);
  const written = given.length === 0 ? call.name : `${call.name}(${given.join(",")})`;
  return fetchValue(scope, fetchName(call.name).name, given) ?? unfollowed(scope, written);
}

/**
 * A log-format string (manual section 8.2.6): texts, `%[…]` and the short names. What an absent value leaves is empty. `quoted`
 * is the word as HAProxy reads it.
 */
export function evaluateFormat(scope: Scope, format: string): Value {
  let result: Value = one<Scalar | undefined>(constant(""));
  for (const piece of piecesOf(format)) {
    const value =
      typeof piece === "string" ? one<Scalar | undefined>(constant(piece)) : pieceValue(scope, piece);
    result = combine(result, written(value), (before, added) =>
      one<Scalar | undefined>(append(before, added)),
    );
  }
  return result;
}

/** Of a format that is not joined with its surroundings: the values that it has here. */
export function formatKey(scope: Scope, format: string): string {
  return format.includes("%")
    ? keyOfChoice(scope.formulas, evaluateFormat(scope, format), showScalar)
    : format;
}

/** A boolean is written as a digit. */
function written(value: Value): Value {
  return mapChoice(value, (scalar) =>
    scalar?.kind === "boolean"
      ? either(scalar.holds, one<Scalar | undefined>(constant("1")), one<Scalar | undefined>(constant("0")))
      : one(scalar),
  );
}

function append(before: Scalar | undefined, added: Scalar | undefined): Scalar {
  return { kind: "text", parts: joined(partsOf(before), partsOf(added)) };
}

interface Piece {
  readonly text: string;
  /** undefined: a short name, as `%ci`. */
  readonly expression: Expression | undefined;
}

const SHORT = /%(?:\{[^}]*\})?([A-Za-z]+)/y;
const OPENING = /%(?:\([^)]*\))?(?:\{[^}]*\})?\[/y;

function piecesOf(format: string): readonly (string | Piece)[] {
  const pieces: (string | Piece)[] = [];
  let text = "";
  for (let at = 0; at < format.length; ) {
    const piece = format[at] === "%" ? pieceAt(format, at) : undefined;
    if (piece === undefined) {
      text += format[at] === "%" && format[at + 1] === "%" ? "%" : format.charAt(at);
      at += format[at] === "%" && format[at + 1] === "%" ? 2 : 1;
      continue;
    }
    if (text !== "") pieces.push(text);
    text = "";
    pieces.push(piece.made);
    at = piece.end;
  }
  return text === "" ? pieces : [...pieces, text];
}

function pieceAt(format: string, at: number): { readonly made: Piece; readonly end: number } | undefined {
  OPENING.lastIndex = at;
  const opening = OPENING.exec(format);
  if (opening !== null) {
    const expression = readExpression(format, OPENING.lastIndex);
    if (expression === undefined || format[expression.end] !== "]") return undefined;
    const end = expression.end + 1;
    // `%{+Q}[…]` is written differently.
    const plain = opening[0] === "%[" || opening[0].startsWith("%(");
    return { made: { text: format.slice(at, end), expression: plain ? expression : undefined }, end };
  }
  SHORT.lastIndex = at;
  const short = SHORT.exec(format);
  return short ? { made: { text: short[0], expression: undefined }, end: SHORT.lastIndex } : undefined;
}

function pieceValue(scope: Scope, { text, expression }: Piece): Value {
  if (expression !== undefined) return evaluateExpression(scope, expression);
  if (text === "%HP") return one(source(PATH));
  if (text === "%HU") return receivedTarget(scope);
  if (text === "%HM") return one(source(METHOD));
  const id = text;
  return one(
    opaque({
      id,
      text,
      why: `${text} is not followed`,
      state: !/^%(?:ci|cp|fi|fp|H[A-Z]+)$/.test(text),
      at: scope.at,
    }),
  );
}
