// The lines of a header at some rule: those that the client sent, and those that rules set or added.
import type { TextDimension } from "../dimension.ts";
import { FALSE, type Formula, TRUE } from "../formula.ts";
import { passes } from "../text/values.ts";
import { type Choice, combine, either, mapChoice, one, whenChoice } from "./choice.ts";
import { BODY_LENGTH, responseHeaderDimension } from "./request-dimensions.ts";
import { type HeaderLines, messageOf, type Removal, type Scope, severalValues } from "./scope.ts";
import { unknown } from "./text-tests.ts";
import {
  ABSENT,
  type AddressValue,
  constant,
  constantText,
  joined,
  opaque,
  type Part,
  type Scalar,
  source,
  type Value,
} from "./value.ts";

const RECEIVED: HeaderLines = { received: true, added: [] };

export function headerLines(scope: Scope, written: string): Choice<HeaderLines> {
  const { formulas } = scope;
  const name = written.toLowerCase();
  const { headers, removals } = messageOf(scope);
  const known = headers.get(name);
  if (known !== undefined || name.startsWith("-m ")) return known ?? one(RECEIVED);
  return removals.reduce<Choice<HeaderLines>>(
    (lines, removal) =>
      either(
        formulas.and(removal.when, isRemoved(scope, removal, name)),
        one<HeaderLines>({ received: false, added: [] }),
        lines,
      ),
    one(RECEIVED),
  );
}

/** Whether the name of a header passes the test of `del-header NAME -m METHOD`, which does not depend on the request. */
export function isRemoved(scope: Scope, { method, pattern }: Removal, name: string): Formula {
  const passed = nameTest(method, pattern, name);
  if (passed !== undefined) return passed ? TRUE : FALSE;
  const id = `del-header ${pattern} -m ${method} on ${name}`;
  return unknown(scope, { id, text: id, why: "the regular expression is not followed" });
}

function nameTest(method: string, value: string, name: string): boolean | undefined {
  const kind = ({ beg: "prefix", end: "suffix", sub: "contains" } as const)[method];
  if (kind !== undefined) return passes({ kind, value, ignoreCase: true }, name);
  if (method !== "reg") return undefined;
  return passes({ kind: "pattern", source: withoutPossessive(value), ignoreCase: true }, name);
}

/** `[^,]*+,` is `[^,]*,`: what follows is not in the set. */
function withoutPossessive(source: string): string {
  return source.replace(
    /(\[\^([^\]\\^-])\][*+])\+(?=(.))/g,
    (whole, set: string, excluded: string, next: string) => (excluded === next ? set : whole),
  );
}

/** Header names of RFC 9110: HAProxy refuses a message with other names. */
const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;

/** What the client sent; in the response what the server did. */
function receivedHeader(scope: Scope, name: string, whole = false): Value {
  const { formulas, phase } = scope;
  if (!TOKEN.test(name)) return ABSENT;
  const lower = name.toLowerCase();
  if (phase === "response") return responseHeader(scope, lower);
  const { dimensions } = scope.world;
  const isPresent = (on: TextDimension) => formulas.test({ on, test: { kind: "present" } });
  if (lower === "content-length") return numberOfBody(scope);
  if (lower !== "host") {
    const on = dimensions.header(whole && severalValues(scope, name) ? `${lower} (line)` : lower);
    return either(isPresent(on), one<Scalar | undefined>(source(on)), ABSENT);
  }
  const host = source(dimensions.host).parts;
  const withPort = joined(host, constant(":").parts, source(dimensions.hostPort).parts);
  const present = either(
    isPresent(dimensions.hostPort),
    one<Scalar | undefined>({ kind: "text", parts: withPort }),
    one<Scalar | undefined>({ kind: "text", parts: host }),
  );
  return either(isPresent(dimensions.host), present, ABSENT);
}

/** Absent where the length of the body is not announced. */
function numberOfBody({ formulas }: Scope): Value {
  const present = formulas.test({ on: BODY_LENGTH, test: { kind: "range", from: 0, to: BODY_LENGTH.to } });
  const length: Scalar = {
    kind: "number",
    id: "body-length",
    range: (from, to) => {
      const [low, high] = [Math.max(from, 0), Math.min(to, BODY_LENGTH.to)];
      if (low > high) return FALSE;
      return formulas.test({ on: BODY_LENGTH, test: { kind: "range", from: low, to: high } });
    },
  };
  return either(present, one<Scalar | undefined>(length), ABSENT);
}

/** Headers that HAProxy adds to its own answers. */
const OWN_HEADERS: ReadonlySet<string> = new Set(
  "cache-control connection content-length content-type location proxy-authenticate refresh set-cookie www-authenticate".split(
    " ",
  ),
);

function responseHeader(scope: Scope, name: string): Value {
  const by = scope.store.response?.by;
  if (by === "server") {
    const on = responseHeaderDimension(name);
    const present = scope.formulas.test({ on, test: { kind: "present" } });
    return either(present, one<Scalar | undefined>(source(on)), ABSENT);
  }
  if (by === "haproxy" && !OWN_HEADERS.has(name)) return ABSENT;
  const place = `${scope.at?.file}:${scope.at?.line}`;
  const [id, why] = [`res.hdr(${name})`, "a header of HAProxy's own answer"];
  const present = unknown(scope, { id: `${id} -m found ${place}`, text: `${id} -m found`, why });
  const value = opaque({ id: `${id} ${place}`, text: id, why, state: true, at: scope.at });
  return either(present, one<Scalar | undefined>(value), ABSENT);
}

function stillReceived(
  scope: Scope,
  name: string,
  rewritten: readonly Part[] | undefined,
  whole: boolean,
): Value {
  const received = receivedHeader(scope, name, whole);
  if (rewritten === undefined) return received;
  return mapChoice(received, (scalar) => one(scalar && { kind: "text" as const, parts: rewritten }));
}

/** The last value, or with `whole` the last line: what an expression sees. */
export function lastHeader(scope: Scope, name: string, whole = false): Value {
  return mapChoice(headerLines(scope, name), ({ received, rewritten, added }) => {
    const last = added.at(-1);
    if (last !== undefined) return one<Scalar | undefined>({ kind: "text", parts: last });
    return received ? stillReceived(scope, name, rewritten, whole) : ABSENT;
  });
}

/** When some line passes a test: what an ACL sees. `whole`: lists are not split at their commas. */
export function someHeader(
  scope: Scope,
  name: string,
  whole: boolean,
  holds: (value: Scalar | undefined) => Formula,
): Formula {
  const { formulas } = scope;
  return whenChoice(formulas, headerLines(scope, name), ({ received, rewritten, added }) => {
    const lines = added.flatMap((parts) => (whole ? [parts] : listOf(parts)));
    const ofAdded = lines.map((parts) => holds({ kind: "text", parts }));
    if (received) {
      ofAdded.push(whenChoice(formulas, stillReceived(scope, name, rewritten, whole), holds));
      const { header } = scope.world.dimensions;
      const on = header(`${name.toLowerCase()}${whole ? " (line)" : ""}${ANOTHER}`);
      if (severalValues(scope, name) && rewritten === undefined) ofAdded.push(another(scope, on, holds));
    } else if (lines.length === 0) ofAdded.push(holds(undefined));
    return formulas.or(...ofAdded);
  });
}

/** In the id of a dimension: a value besides the one that an expression sees. */
export const ANOTHER = " (another)";

/** Another one of several values matches. */
export function another(
  { formulas }: Scope,
  on: TextDimension,
  holds: (value: Scalar | undefined) => Formula,
): Formula {
  return formulas.and(formulas.test({ on, test: { kind: "present" } }), holds(source(on)));
}

function listOf(parts: readonly Part[]): readonly (readonly Part[])[] {
  const text = constantText(parts);
  return text === undefined ? [parts] : text.split(",").map((value) => constant(value.trim()).parts);
}

/** How many values there are. That a client may send several is unknown. */
export function headerCount(scope: Scope, name: string): Value {
  const { formulas } = scope;
  return mapChoice(headerLines(scope, name), ({ received, added }) => {
    const own = added.length;
    if (!received) return one<Scalar | undefined>(fixed(own));
    const present = whenChoice(formulas, receivedHeader(scope, name), (value) => (value ? TRUE : FALSE));
    const why = `several values of ${name} in one ${scope.phase}`;
    const count = `${scope.phase === "request" ? "req" : "res"}.hdr_cnt(${name})`;
    // HAProxy joins equal ones, and refuses others.
    const isOne = name.toLowerCase() === "content-length";
    const several = isOne ? FALSE : unknown(scope, { id: `${count} gt 1`, text: `${count} gt 1`, why });
    const range = (from: number, to: number): Formula => {
      const inRange = (lines: number) => (from <= lines && lines <= to ? TRUE : FALSE);
      const more = from <= own + 2 && to === Number.POSITIVE_INFINITY ? TRUE : FALSE;
      const exactMore = unknown(scope, {
        id: `${count} ${from - own}:${to - own}`,
        text: `${count} ${from}:${to}`,
        why,
      });
      const ofSeveral =
        to < own + 2 ? FALSE : formulas.choose(several, more === TRUE ? TRUE : exactMore, FALSE);
      const ofOne = formulas.and(formulas.not(several), inRange(own + 1));
      return formulas.choose(present, formulas.or(ofOne, ofSeveral), inRange(own));
    };
    return one<Scalar | undefined>({ kind: "number", id: `${count}+${own}`, range });
  });
}

export function fixed(value: number): Scalar {
  const range = (from: number, to: number) => (from <= value && value <= to ? TRUE : FALSE);
  return { kind: "number", id: String(value), constant: value, range };
}

/** `hdr_ip()`: an address written in a header. */
export function headerAddress(scope: Scope, name: string): Value {
  return mapChoice(lastHeader(scope, name), (value) => {
    if (value?.kind !== "text") return ABSENT;
    return one<Scalar | undefined>(addressIn(scope, name, value.parts));
  });
}

function addressIn(scope: Scope, name: string, parts: readonly Part[]): AddressValue {
  const id = `hdr_ip(${name})=${JSON.stringify(parts)}`;
  return {
    kind: "address",
    id,
    within: (networks) =>
      unknown(scope, {
        id: `${id} ${networks.toSorted().join(" ")}`,
        text: `hdr_ip(${name}) ${networks.join(" ")}`,
        why: `the address in the header ${name}`,
      }),
  };
}

export function setHeader(value: Value): Choice<HeaderLines> {
  return mapChoice(value, (scalar) => one({ received: false, added: [textOf(scalar)] }));
}

export function addHeader(before: Choice<HeaderLines>, value: Value): Choice<HeaderLines> {
  return combine(before, value, ({ received, added }, scalar) =>
    one({ received, added: [...added, textOf(scalar)] }),
  );
}

function textOf(scalar: Scalar | undefined): readonly Part[] {
  return scalar?.kind === "text" ? scalar.parts : [];
}
