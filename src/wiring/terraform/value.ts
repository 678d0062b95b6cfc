// The result of an expression: a value with its position, or why it is not known.
import type { Position } from "../../findings/finding.ts";
import type { Resource } from "./resource.ts";
import type { Scalar } from "./syntax.ts";

/** The attribute of a resource that a value was taken from, known or not. */
export interface Source {
  readonly resource: Resource;
  readonly attribute: string;
}

export type Value = { readonly at: Position; readonly source?: Source } & (
  | { readonly kind: "scalar"; readonly value: Scalar }
  | { readonly kind: "list"; readonly items: readonly Value[] }
  | { readonly kind: "object"; readonly entries: ReadonlyMap<string, Value> }
  | { readonly kind: "resource"; readonly resource: Resource }
  /** A call of a module: its outputs by name. */
  | { readonly kind: "module"; readonly output: (name: string, at: Position) => Value }
  /** `why` is a phrase; `variable` the one that is not given, `module.a.var.b`: two values of one variable are the same. */
  | {
      readonly kind: "unknown";
      readonly why: string;
      readonly variable?: string;
      /** Terraform reports an error: `try` goes on to its next argument. */
      readonly fails?: true;
    }
);

export function scalar(value: Scalar, at: Position): Value {
  return { kind: "scalar", value, at };
}

export function unknown(why: string, at: Position): Value {
  return { kind: "unknown", why, at };
}

export function failure(why: string, at: Position): Value {
  return { kind: "unknown", why, at, fails: true };
}

export function isNull(value: Value): boolean {
  return value.kind === "scalar" && value.value === null;
}

/** As Terraform converts scalars to text; undefined: it does not, or the value is unknown. */
export function asText(value: Value | undefined): string | undefined {
  if (value?.kind !== "scalar" || value.value === null) return undefined;
  return String(value.value);
}

/** A number, or text that is one. */
export function asNumber(value: Value | undefined): number | undefined {
  if (value?.kind !== "scalar" || value.value === null || typeof value.value === "boolean") return undefined;
  const number = typeof value.value === "number" ? value.value : Number(value.value.trim() || Number.NaN);
  return Number.isFinite(number) ? number : undefined;
}

/** `true` or `false`, as text too, and as 1 and 0 as before 0.12. */
export function asBoolean(value: Value): boolean | undefined {
  if (value.kind !== "scalar") return undefined;
  if (value.value === true || value.value === "true" || value.value === 1 || value.value === "1") return true;
  if (value.value === false || value.value === "false" || value.value === 0 || value.value === "0")
    return false;
  return undefined;
}

/** The elements of a collection with their keys; undefined: it is not a collection. */
export function elementsOf(
  value: Value | undefined,
): readonly (readonly [key: string | number, value: Value])[] | undefined {
  if (value?.kind === "list") return value.items.map((item, index) => [index, item] as const);
  if (value?.kind === "object") return [...value.entries];
  return undefined;
}

/** The value of `each` and of the iterators of `dynamic`: key and value of an element. */
export function iteration(key: string | number, element: Value, at: Position): Value {
  const entries = new Map<string, Value>([
    ["key", scalar(key, element.at)],
    ["value", element],
  ]);
  return { kind: "object", entries, at };
}

const sizes = new WeakMap<Value, number>();

/** The number of values in it, at any depth, itself included. */
export function sizeOf(value: Value): number {
  if (value.kind !== "list" && value.kind !== "object") return 1;
  const known = sizes.get(value);
  if (known !== undefined) return known;
  let size = 1;
  for (const element of value.kind === "list" ? value.items : value.entries.values()) size += sizeOf(element);
  sizes.set(value, size);
  return size;
}

/** The first unknown part of a value, at any depth. */
export function unknownIn(value: Value): (Value & { readonly kind: "unknown" }) | undefined {
  if (value.kind === "unknown") return value;
  for (const [, element] of elementsOf(value) ?? []) {
    const found = unknownIn(element);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Why a value cannot be used: its own reason, or the given one. */
export function whyNot(value: Value, otherwise: string): string {
  return unknownIn(value)?.why ?? otherwise;
}
