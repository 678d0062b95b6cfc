// What an expression of haproxy.cfg yields: a text made of constants and properties of the request, a number, a boolean, an address.
import type { Position } from "../../findings/finding.ts";
import type { ChoiceDimension, TextDimension } from "../dimension.ts";
import type { Formula, Formulas } from "../formula.ts";
import type { Choice } from "./choice.ts";
import { one } from "./choice.ts";

/** A part of a text. */
export type Part =
  | { readonly kind: "constant"; readonly text: string }
  | {
      readonly kind: "source";
      readonly on: TextDimension | ChoiceDimension;
      readonly through: readonly Transform[];
    }
  | Opaque;

/** A converter of a text whose tests can be replaced by tests of its input. */
export type Transform =
  | { readonly kind: "lower" }
  | { readonly kind: "upper" }
  /** Without the first bytes. */
  | { readonly kind: "drop"; readonly bytes: number }
  /** What follows this text, with which the value begins. */
  | { readonly kind: "after"; readonly front: string }
  /** Without these bytes at the end. */
  | { readonly kind: "rtrim"; readonly bytes: string }
  /** What precedes the first of these bytes. */
  | { readonly kind: "before"; readonly byte: string }
  /** `form`: a plus is a blank. */
  | { readonly kind: "url_dec"; readonly form: boolean }
  | { readonly kind: "url_enc" };

/** A text that is not followed: tests of it are unknown. Equal ids are equal texts for the same request. */
export interface Opaque {
  readonly kind: "opaque";
  /** The whole definition. */
  readonly id: string;
  /** As written. */
  readonly text: string;
  readonly why: string;
  /** Whether it depends on more than the request: a counter, Lua, the time. */
  readonly state: boolean;
  readonly at: Position | undefined;
}

export type Scalar =
  | { readonly kind: "text"; readonly parts: readonly Part[] }
  | NumberValue
  | { readonly kind: "boolean"; readonly holds: Formula; readonly id: string }
  | AddressValue;

export interface NumberValue {
  readonly kind: "number";
  readonly id: string;
  /** A number that is known. */
  readonly constant?: number;
  /** When it is from `from` to `to`, both included; either may be infinite. */
  readonly range: (from: number, to: number) => Formula;
}

export interface AddressValue {
  readonly kind: "address";
  readonly id: string;
  /** When it is in one of the networks. */
  readonly within: (networks: readonly string[]) => Formula;
}

/** undefined: there is none, the fetch fails. */
export type Value = Choice<Scalar | undefined>;

export const ABSENT: Value = one(undefined);

export function constant(text: string): Extract<Scalar, { kind: "text" }> {
  return { kind: "text", parts: text === "" ? [] : [{ kind: "constant", text }] };
}

export function source(on: TextDimension | ChoiceDimension): Extract<Scalar, { kind: "text" }> {
  return { kind: "text", parts: [{ kind: "source", on, through: [] }] };
}

export function opaque(made: Omit<Opaque, "kind">): Extract<Scalar, { kind: "text" }> {
  return { kind: "text", parts: [{ kind: "opaque", ...made }] };
}

export function booleanOf(formulas: Formulas, holds: Formula): Scalar {
  return { kind: "boolean", holds, id: `boolean ${formulas.idOf(holds)}` };
}

/** The text, if nothing in it depends on the request. */
export function constantText(parts: readonly Part[]): string | undefined {
  return parts.every((part) => part.kind === "constant")
    ? parts.map((part) => (part.kind === "constant" ? part.text : "")).join("")
    : undefined;
}

/** Constants next to each other are one. */
export function joined(...lists: readonly (readonly Part[])[]): readonly Part[] {
  const parts: Part[] = [];
  for (const part of lists.flat()) {
    const last = parts.at(-1);
    if (part.kind === "constant" && part.text === "") continue;
    if (part.kind === "constant" && last?.kind === "constant")
      parts[parts.length - 1] = { kind: "constant", text: last.text + part.text };
    else parts.push(part);
  }
  return parts;
}

/** The parts as a text for leaves and ids: equal texts are equal values for the same request. */
export function show(parts: readonly Part[]): string {
  return parts.map(showPart).join("");
}

function showPart(part: Part): string {
  if (part.kind === "constant") return part.text.replaceAll("%", "%%");
  if (part.kind === "opaque") return `%[${part.id}]`;
  return `%[${[part.on.id, ...part.through.map(showTransform)].join(",")}]`;
}

function showTransform(transform: Transform): string {
  if (transform.kind === "drop") return `bytes(${transform.bytes})`;
  if (transform.kind === "after") return `bytes(${transform.front.length})`;
  if (transform.kind === "rtrim") return `rtrim(${transform.bytes})`;
  if (transform.kind === "url_dec") return transform.form ? "url_dec(1)" : "url_dec";
  return transform.kind === "before" ? `field(1,${transform.byte})` : transform.kind;
}

/** As the text that HAProxy writes it. */
export function partsOf(scalar: Scalar | undefined): readonly Part[] {
  if (scalar === undefined) return [];
  if (scalar.kind === "text") return scalar.parts;
  if (scalar.kind === "number" && scalar.constant !== undefined)
    return constant(String(scalar.constant)).parts;
  const { id } = scalar;
  return opaque({ id, text: id, why: `the text of ${id}`, state: false, at: undefined }).parts;
}

export function showScalar(scalar: Scalar | undefined): string {
  return scalar === undefined ? "%[]" : show(partsOf(scalar));
}
