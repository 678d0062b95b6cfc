// Converters (manual section 7.3.1) of values.
import type { ExpressionCall } from "../../wiring/haproxy/expression.ts";
import { FALSE, type Formula, TRUE } from "../formula.ts";
import { type Choice, combine, either, mapChoice, one } from "./choice.ts";
import { fieldOf, regsubOf, wordOf } from "./convert-text.ts";
import { definition, VARIABLE_NAME } from "./definition.ts";
import { variableIn } from "./fetch.ts";
import { fixed } from "./header-lines.ts";
import { lookUp, MAP_CONVERTER } from "./map-lookup.ts";
import { masked } from "./mask-address.ts";
import { urlDecoded, urlEncoded } from "./pull-back.ts";
import { quietValue } from "./quiet.ts";
import { HOST, HOST_PORT } from "./request-dimensions.ts";
import type { Scope } from "./scope.ts";
import { testLength, testText, unknown } from "./text-tests.ts";
import {
  ABSENT,
  booleanOf,
  constant,
  constantText,
  joined,
  opaque,
  type Part,
  partsOf,
  type Scalar,
  showScalar,
  type Transform,
  type Value,
} from "./value.ts";

/** The whole converter as written, `lower` or `field(1,:)`. */
function written({ name, arguments: given }: ExpressionCall): string {
  return given.length === 0 ? name : `${name}(${given.map(({ value }) => value).join(",")})`;
}

/** An absent value stays absent. */
export function convert(scope: Scope, value: Value, call: ExpressionCall): Value {
  if (MAP_CONVERTER.test(call.name)) return lookUp(scope, value, call);
  const given = call.arguments.map((argument) => argument.value);
  if (call.name === "concat") return concat(scope, value, given);
  if (call.name === "strcmp") return compare(scope, value, given[0] ?? "");
  const isFollowed = Object.hasOwn(CONVERTERS, call.name) && !given.some((one) => VARIABLE.test(one));
  const converter = isFollowed ? CONVERTERS[call.name] : undefined;
  return mapChoice(value, (scalar) => {
    if (scalar === undefined) return ABSENT;
    const made = quietValue(scope, call.name, given) ?? converter?.(scope, scalar, given);
    return made ?? unfollowedConversion(scope, scalar, call);
  });
}

/** An argument such as that of `bytes(txn.from)`. */
const VARIABLE = new RegExp(`^${VARIABLE_NAME}$`);

/** Of these no text is without a result. */
const TOTAL: ReadonlySet<string> = new Set(
  "regsub bytes length str rtrim ltrim url_enc hex base64 crc32 crc32c djb2 sdbm wt6 xxh32 xxh64 sha1 md5 digest".split(
    " ",
  ),
);

/** A text that depends on the same things, and that tests cannot look into. */
function unfollowedConversion(scope: Scope, scalar: Scalar, call: ExpressionCall): Value {
  const text = `${showScalar(scalar)},${written(call)}`;
  const id = definition(scope, text);
  const why = `the converter ${call.name} is not followed`;
  const input = partsOf(scalar);
  const state = call.name.startsWith("lua.") || input.some((part) => part.kind === "opaque" && part.state);
  const made = one<Scalar | undefined>(opaque({ id, text, why, state, at: scope.at }));
  if (TOTAL.has(call.name)) return made;
  return either(unknown(scope, { id: `${id} -m found`, text: `${text} -m found`, why }), made, ABSENT);
}

type Converter = (scope: Scope, scalar: Scalar, given: readonly string[]) => Value | undefined;

const CONVERTERS: Readonly<Record<string, Converter>> = {
  lower: (_, scalar) => textWise(scalar, (text) => text.toLowerCase(), { kind: "lower" }),
  upper: (_, scalar) => textWise(scalar, (text) => text.toUpperCase(), { kind: "upper" }),
  url_dec: (scope, scalar, [form = "0"]) => decoded(scope, scalar, form !== "0"),
  url_enc: (_, scalar) => textWise(scalar, urlEncoded, { kind: "url_enc" }),
  rtrim: (_, scalar, [bytes = ""]) => trimEnd(scalar, bytes),
  host_only: (_, scalar) => hostOnly(scalar),
  port_only: (_, scalar) => portOnly(scalar),
  field: (_, scalar, [index, delimiters = "", count]) => field(scalar, Number(index), delimiters, count),
  word: (scope, scalar, [index, delimiters = "", count]) =>
    orMissing(
      scope,
      onConstant(scalar, (text) => wordOf(text, Number(index), delimiters, Number(count ?? 1))),
    ),
  regsub: (_, scalar, [pattern = "", replacement = "", flags = ""]) =>
    regsub(scalar, pattern, replacement, flags),
  bytes: (_, scalar, [offset = "0", length]) => bytesOf(scalar, Number(offset), length),
  length: (scope, scalar) => one(lengthOf(scope, scalar)),
  str: (_, scalar) => one({ kind: "text", parts: partsOf(scalar) }),
  bool: (scope, scalar) => one(booleanOf(scope.formulas, truth(scope, scalar))),
  not: (scope, scalar) => one(booleanOf(scope.formulas, scope.formulas.not(truth(scope, scalar)))),
  add: (scope, scalar, [by]) => shifted(scope, scalar, by, 1),
  sub: (scope, scalar, [by]) => shifted(scope, scalar, by, -1),
  ipmask: (scope, scalar, given) => masked(scope, scalar, given),
  iif: (_, scalar, [yes = "", no = ""]) =>
    scalar.kind === "boolean"
      ? {
          kind: "cases",
          disjoint: true,
          cases: [
            { when: scalar.holds, gives: one(constant(yes)) },
            { when: TRUE, gives: one(constant(no)) },
          ],
        }
      : undefined,
};

/** HAProxy 2.6 can make an empty text of a word that is not there, later versions nothing. */
function orMissing(scope: Scope, value: Value | undefined): Value | undefined {
  if (value !== ABSENT) return value;
  const text = "a missing word is empty";
  const isEmpty = unknown(scope, { id: text, text, why: "it depends on the version of HAProxy" });
  return either(isEmpty, one<Scalar | undefined>(constant("")), ABSENT);
}

function onConstant(scalar: Scalar, convertText: (text: string) => string | undefined): Value | undefined {
  const text = constantText(partsOf(scalar));
  if (text === undefined) return undefined;
  const made = convertText(text);
  return made === undefined ? ABSENT : one(constant(made));
}

/** A converter of each byte for itself. */
function textWise(scalar: Scalar, ofText: (text: string) => string, transform: Transform): Value | undefined {
  if (scalar.kind !== "text") return undefined;
  const { parts } = scalar;
  if (parts.some(({ kind }) => kind === "opaque")) return undefined;
  return one({ kind: "text", parts: parts.map((part) => transformed(part, ofText, transform)) });
}

/** It fails for some texts: a `%` without two digits behind it. */
function decoded(scope: Scope, scalar: Scalar, form: boolean): Value | undefined {
  const ofConstant = onConstant(scalar, (text) => urlDecoded(text, form));
  if (ofConstant !== undefined || scalar.kind !== "text") return ofConstant;
  const [part, ...rest] = scalar.parts;
  if (part?.kind !== "source" || rest.length > 0) return undefined;
  const pattern = "\\A(?:[^%]|%[0-9A-Fa-f]{2})*\\z";
  const valid = testText(scope, [part], { kind: "pattern", source: pattern, ignoreCase: false });
  const through = [...part.through, { kind: "url_dec", form } as const];
  return either(valid, one<Scalar | undefined>({ kind: "text", parts: [{ ...part, through }] }), ABSENT);
}

function transformed(part: Part, ofText: (text: string) => string, transform: Transform): Part {
  if (part.kind === "constant") return { kind: "constant", text: ofText(part.text) };
  return part.kind === "source" ? { ...part, through: [...part.through, transform] } : part;
}

function trimEnd(scalar: Scalar, bytes: string): Value | undefined {
  if (scalar.kind !== "text") return undefined;
  const last = scalar.parts.at(-1);
  if (last === undefined) return one(scalar);
  const front = scalar.parts.slice(0, -1);
  if (last.kind === "opaque") return undefined;
  if (last.kind === "source") {
    if (isNeverTrimmed(last, bytes)) return one(scalar);
    if (front.length > 0) return undefined;
    return one({ kind: "text", parts: [{ ...last, through: [...last.through, { kind: "rtrim", bytes }] }] });
  }
  let end = last.text.length;
  while (end > 0 && bytes.includes(last.text.charAt(end - 1))) end -= 1;
  const parts = joined(front, constant(last.text.slice(0, end)).parts);
  return end > 0 ? one({ kind: "text", parts }) : trimEnd({ kind: "text", parts }, bytes);
}

/** A host ends with a letter or digit, as does a port. */
function isNeverTrimmed({ on }: Extract<Part, { kind: "source" }>, bytes: string): boolean {
  return (on === HOST || on === HOST_PORT) && /^[.: ]*$/.test(bytes);
}

/** The host as the client sent it: name, and port behind a colon. */
function splitHost(
  scalar: Scalar,
): { readonly host: readonly Part[]; readonly port: readonly Part[] } | undefined {
  if (scalar.kind !== "text") return undefined;
  const [host, colon, port, ...rest] = scalar.parts;
  if (host?.kind !== "source" || host.on.id !== HOST.id || rest.length > 0) return undefined;
  if (host.through.some(({ kind }) => kind !== "lower" && kind !== "upper" && kind !== "rtrim"))
    return undefined;
  if (colon === undefined) return { host: [host], port: [] };
  const isPort = colon.kind === "constant" && colon.text === ":" && port?.kind === "source";
  return isPort ? { host: [host], port: [port] } : undefined;
}

function hostOnly(scalar: Scalar): Value | undefined {
  const split = splitHost(scalar);
  if (split !== undefined)
    return textWise({ kind: "text", parts: split.host }, (text) => text.toLowerCase(), { kind: "lower" });
  return onConstant(scalar, (text) =>
    (text.startsWith("[") ? text.replace(/\].*/, "]") : text.replace(/:.*/, "")).toLowerCase(),
  );
}

function portOnly(scalar: Scalar): Value | undefined {
  return onConstant(scalar, (text) => /:(\d+)$/.exec(text)?.[1] ?? "0");
}

function field(scalar: Scalar, index: number, delimiters: string, count = "1"): Value | undefined {
  const ofConstant = onConstant(scalar, (text) => fieldOf(text, index, delimiters, Number(count)));
  if (ofConstant !== undefined || scalar.kind !== "text") return ofConstant;
  if (index === 1 && count === "1" && delimiters === ":") {
    const split = splitHost(scalar);
    if (split !== undefined) return one({ kind: "text", parts: split.host });
  }
  const [first, ...rest] = scalar.parts;
  if (rest.length > 0 || first?.kind !== "source" || index !== 1 || count !== "1" || delimiters.length !== 1)
    return undefined;
  return one({
    kind: "text",
    parts: [{ ...first, through: [...first.through, { kind: "before", byte: delimiters }] }],
  });
}

/** Expressions that take the port from a host. */
const PORT = /^:(?:\[0-9\]|\\d)(?:\+|\*|\{1,5\})\$?$|^:\.[*+]\$?$|^\(?:\.\*\)?\$?$/;

function regsub(scalar: Scalar, pattern: string, replacement: string, flags: string): Value | undefined {
  const ofConstant = onConstant(scalar, (text) => regsubOf(text, pattern, replacement, flags) ?? undefined);
  const text = constantText(partsOf(scalar));
  if (text !== undefined)
    return regsubOf(text, pattern, replacement, flags) === undefined ? undefined : ofConstant;
  const split = splitHost(scalar);
  return split !== undefined && replacement === "" && PORT.test(pattern)
    ? one({ kind: "text", parts: split.host })
    : undefined;
}

function bytesOf(scalar: Scalar, offset: number, length: string | undefined): Value | undefined {
  const ofConstant = onConstant(scalar, (text) =>
    text.slice(offset, length === undefined ? undefined : offset + Number(length)),
  );
  if (ofConstant !== undefined || scalar.kind !== "text") return ofConstant;
  const [first, ...rest] = scalar.parts;
  if (length !== undefined || rest.length > 0 || first?.kind !== "source") return undefined;
  return one({
    kind: "text",
    parts: [{ ...first, through: [...first.through, { kind: "drop", bytes: offset }] }],
  });
}

function lengthOf(scope: Scope, scalar: Scalar): Scalar {
  const parts = partsOf(scalar);
  const text = constantText(parts);
  if (text !== undefined) return fixed(text.length);
  return {
    kind: "number",
    id: `${showScalar(scalar)},length`,
    range: (from, to) => testLength(scope, parts, from, to),
  };
}

/** As a condition. */
export function truth(scope: Scope, scalar: Scalar): Formula {
  if (scalar.kind === "boolean") return scalar.holds;
  if (scalar.kind === "number") return scope.formulas.not(scalar.range(0, 0));
  const id = `${showScalar(scalar)} -m bool`;
  return unknown(scope, { id, text: id, why: "a text as a condition" });
}

function shifted(scope: Scope, scalar: Scalar, by: string | undefined, sign: number): Value | undefined {
  const amount = Number(by);
  if (by === undefined || !Number.isSafeInteger(amount)) return undefined;
  const number = numberOf(scope, scalar);
  if (number === undefined) return undefined;
  if (number.constant !== undefined) return one(fixed(number.constant + sign * amount));
  return one({
    ...number,
    id: `${number.id},${sign > 0 ? "add" : "sub"}(${by})`,
    range: (from, to) => number.range(from - sign * amount, to - sign * amount),
  });
}

/** A text of digits is a number. */
export function numberOf(scope: Scope, scalar: Scalar): Extract<Scalar, { kind: "number" }> | undefined {
  if (scalar.kind === "number") return scalar;
  if (scalar.kind === "boolean") {
    const { holds } = scalar;
    const { formulas } = scope;
    const within = (value: number, from: number, to: number) => (from <= value && value <= to ? TRUE : FALSE);
    return {
      kind: "number",
      id: `${scalar.id} as a number`,
      range: (from, to) => formulas.choose(holds, within(1, from, to), within(0, from, to)),
    };
  }
  const text = constantText(partsOf(scalar));
  if (text === undefined || scalar.kind !== "text" || !/^-?\d+$/.test(text)) return undefined;
  const made = fixed(Number(text));
  return made.kind === "number" ? made : undefined;
}

function concat(scope: Scope, value: Value, [before = "", name = "", after = ""]: readonly string[]): Value {
  const added: Value = name === "" ? ABSENT : variableIn(scope, name);
  return combine(value, added, (scalar, other): Choice<Scalar | undefined> => {
    if (scalar === undefined) return ABSENT;
    const parts = joined(partsOf(scalar), constant(before).parts, partsOf(other), constant(after).parts);
    return one({ kind: "text", parts });
  });
}

/** Negative, 0 or positive, as the text is before, at or behind the variable's in the order of bytes. */
function compare(scope: Scope, value: Value, name: string): Value {
  const other = variableIn(scope, name);
  return combine(value, other, (scalar, against): Choice<Scalar | undefined> => {
    if (scalar === undefined || against === undefined) return ABSENT;
    const [a, b] = [constantText(partsOf(scalar)), constantText(partsOf(against))];
    if (a !== undefined && b !== undefined) return one(fixed(order(a, b)));
    return one(difference(scope, scalar, against));
  });
}

function order(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

function difference(scope: Scope, scalar: Scalar, against: Scalar): Scalar {
  const id = `${showScalar(scalar)},strcmp(${showScalar(against)})`;
  const fixedText = constantText(partsOf(against)) ?? constantText(partsOf(scalar));
  const open = constantText(partsOf(against)) === undefined ? partsOf(against) : partsOf(scalar);
  return {
    kind: "number",
    id,
    range: (from, to) => {
      const isZero = from === 0 && to === 0;
      if (isZero && fixedText !== undefined)
        return testText(scope, open, { kind: "exact", value: fixedText, ignoreCase: false });
      const text = `${id} ${from}:${to}`;
      return unknown(scope, { id: text, text, why: "the order of two texts" });
    },
  };
}
