// Values of arguments as the wiring has them: written, absent with the default of the provider, or unknown with the reason.
import type { Position } from "../../findings/finding.ts";
import type { Known } from "../written.ts";
import { flattened } from "./functions.ts";
import type { Arguments, Resource } from "./resource.ts";
import { asBoolean, asNumber, asText, unknownIn, type Value } from "./value.ts";

export function textIn(args: Arguments, name: string): Known<string> | undefined {
  const value = args.value(name);
  return value === undefined ? undefined : knownAs(value, asText, "it is not text");
}

export function numberIn(args: Arguments, name: string, byDefault: number): Known<number> {
  const value = args.value(name);
  return value === undefined ? { value: byDefault } : knownAs(value, asNumber, "it is not a number");
}

/** A number that must be there. */
export function neededNumber(args: Arguments, name: string): Known<number> {
  const value = args.value(name);
  if (value === undefined) return { unknown: `${name} is not written`, at: args.at };
  return knownAs(value, asNumber, "it is not a number");
}

export function booleanIn(args: Arguments, name: string, byDefault: boolean): Known<boolean> {
  const value = args.value(name);
  return value === undefined ? { value: byDefault } : knownAs(value, asBoolean, "it is not true or false");
}

/** One of a set of words, case-insensitive. */
export function wordIn<T>(
  args: Arguments,
  name: string,
  words: Readonly<Record<string, T>>,
): Known<T> | undefined {
  const written = textIn(args, name);
  return written === undefined
    ? undefined
    : mapped(
        written,
        (word) => (Object.hasOwn(words, word.toLowerCase()) ? words[word.toLowerCase()] : undefined),
        (word) => `${name} is ${JSON.stringify(word)}`,
      );
}

/** `otherwise`: why a value cannot be used. */
export function mapped<A, B>(
  known: Known<A>,
  map: (value: A) => B | undefined,
  otherwise: (value: A) => string = () => "",
): Known<B> {
  if ("unknown" in known) return known;
  const value = map(known.value);
  if (value !== undefined) return { value, at: known.at };
  return { unknown: otherwise(known.value), at: known.at ?? nowhere };
}

export function knownAs<T>(value: Value, as: (value: Value) => T | undefined, otherwise: string): Known<T> {
  const found = as(value);
  if (found !== undefined) return { value: found, at: value.at };
  const hole = unknownIn(value);
  return { unknown: hole?.why ?? otherwise, at: hole?.at ?? value.at };
}

/** The elements of a list, lists in it flattened as before 0.12. A list that is not known is one element that is not. */
export function elementsIn(args: Arguments, name: string): readonly Value[] {
  const value = args.value(name);
  if (value === undefined) return [];
  const flat = flattened(value, value.at);
  return flat.kind === "list" ? flat.items : [flat];
}

/** Which resource a value names: by its source, or by an attribute that has the same text. */
export function resourceNamed(
  value: Value,
  among: readonly Resource[],
  by: readonly string[],
): Resource | undefined {
  const source = value.kind === "resource" ? value.resource : value.source?.resource;
  if (source !== undefined) return among.find((resource) => resource === source);
  const text = asText(value);
  if (text === undefined || text === "") return undefined;
  return among.find((resource) =>
    by.some((attribute) => asText(resource.arguments.value(attribute)) === text),
  );
}

/** A default that a `mapped` refuses would have no place; the tables of defaults never let that happen. */
const nowhere: Position = { file: "", line: 1, column: 1 };
