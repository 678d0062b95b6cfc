// Walks the schema along with a value: which part of it a path refers to, and which branch of a union a value fits best.
import type { z } from "zod";
import { nearest } from "../../findings/nearest.ts";
import type { Path } from "../../source/data.ts";
import { oneOf } from "./words.ts";

type Schema = z.core.$ZodType;

/** The schema at a place without its wrappers, and its description there. */
export interface Field {
  readonly schema: z.core.$ZodTypes;
  readonly description: string | undefined;
  /** Whether the key may be removed. */
  readonly optional: boolean;
}

/** The field without `optional` and the like. The outermost description wins. */
export function fieldOf(schema: Schema): Field {
  const { def } = (schema as z.core.$ZodTypes)._zod;
  const description = (schema as z.ZodType).description;
  if (!("innerType" in def)) return { schema: schema as z.core.$ZodTypes, description, optional: false };
  const inner = fieldOf(def.innerType);
  return {
    schema: inner.schema,
    description: description ?? inner.description,
    optional: inner.optional || def.type === "optional",
  };
}

/** The field that a path leads to; unions on the path are resolved to the best matching option. Undefined beyond an unknown key. */
export function fieldAt(root: Schema, value: unknown, path: Path): Field | undefined {
  let field: Field | undefined = fieldOf(root);
  let here = value;
  for (const step of path) {
    field = childOf(field.schema, here, step);
    if (field === undefined) return undefined;
    here = isMap(here) || Array.isArray(here) ? (here as Record<string | number, unknown>)[step] : undefined;
  }
  return field;
}

function childOf(schema: z.core.$ZodTypes, value: unknown, step: string | number): Field | undefined {
  const { def } = schema._zod;
  if (def.type === "object")
    return Object.hasOwn(def.shape, step) ? fieldOf(def.shape[step] as Schema) : undefined;
  if (def.type === "array") return fieldOf(def.element);
  if (def.type === "record") return fieldOf(def.valueType);
  if (def.type !== "union") return undefined;
  const intended = def.options[bestOption(def.options, value) ?? -1];
  return intended === undefined ? undefined : childOf(fieldOf(intended).schema, value, step);
}

/**
 * The index of the union's option that matches a value best: the one of its type; of several maps the one whose
 * discriminators (literals) and keys match best. Undefined when no option is of its type, or several maps fit equally
 * well.
 */
export function bestOption(options: readonly Schema[], value: unknown): number | undefined {
  const fitting = options.flatMap((option, index) => (fits(fieldOf(option).schema, value) ? [index] : []));
  if (fitting.length < 2) return fitting[0];
  if (!isMap(value)) return fitting.find((index) => !isChoice(schemaAt(options, index))) ?? fitting[0];
  const scores = fitting
    .map((index) => ({ index, score: likeness(schemaAt(options, index), value) }))
    .sort((a, b) => b.score - a.score);
  return (scores[0]?.score ?? 0) > 0 ? scores[0]?.index : undefined;
}

/** Whether the schema accepts a value of this type. */
export function fits(schema: z.core.$ZodTypes, value: unknown): boolean {
  const { def } = schema._zod;
  if (def.type === "union") return def.options.some((option) => fits(fieldOf(option).schema, value));
  if (def.type === "literal")
    return def.values.some(
      (literal) => typeof literal === typeof value && (literal === null) === (value === null),
    );
  if (def.type === "object" || def.type === "record") return isMap(value);
  if (def.type === "array") return Array.isArray(value);
  if (def.type === "enum") return typeof value === "string";
  if (def.type === "null") return value === null;
  return def.type === typeof value;
}

/** The values of an enum, a literal, or a union of nothing else; undefined for any other schema. */
export function choicesOf(schema: z.core.$ZodTypes): readonly unknown[] | undefined {
  const { def } = schema._zod;
  if (def.type === "enum") return Object.values(def.entries);
  if (def.type === "literal") return def.values;
  if (def.type !== "union") return undefined;
  const each = def.options.map((option) => choicesOf(fieldOf(option).schema));
  return each.every((choices) => choices !== undefined) ? each.flat() : undefined;
}

/** The values that a key may have in any of the options that are maps with such a key. */
export function choicesAt(options: readonly Schema[], key: string): readonly unknown[] {
  return options.flatMap((option) => {
    const { def } = fieldOf(option).schema._zod;
    const child = def.type === "object" && Object.hasOwn(def.shape, key) ? def.shape[key] : undefined;
    return child === undefined ? [] : (choicesOf(fieldOf(child).schema) ?? []);
  });
}

/** Whether a value is accepted. */
export function accepts(schema: z.core.$ZodTypes, value: unknown): boolean {
  return (schema as unknown as z.ZodType).safeParse(value).success;
}

/** The keys a map may have at this schema; of a union those of all its maps. */
export function keysOf(schema: z.core.$ZodTypes): readonly string[] {
  const { def } = schema._zod;
  if (def.type === "object") return Object.keys(def.shape);
  return def.type === "union"
    ? [...new Set(def.options.flatMap((option) => keysOf(fieldOf(option).schema)))]
    : [];
}

/** What is expected, in a few words. */
export function expectedText(schema: z.core.$ZodTypes): readonly string[] {
  const { def } = schema._zod;
  // Of several maps the keys are named together: `a map with exact, present or regex`.
  const maps =
    keysOf(schema).length === 0
      ? []
      : [`a map with ${oneOf(firstFew(keysOf(schema).map((key) => `\`${key}\``)))}`];
  if (def.type === "union")
    return [
      ...new Set([
        ...def.options
          .map((option) => fieldOf(option).schema)
          .filter((option) => keysOf(option).length === 0)
          .flatMap(expectedText),
        ...maps,
      ]),
    ];
  if (def.type === "object") return maps;
  if (def.type === "enum" || def.type === "literal") return (choicesOf(schema) ?? []).map(String);
  if (def.type === "null") return ["null"];
  return [TYPE_WORDS[def.type] ?? "something else"];
}

const TYPE_WORDS: Readonly<Record<string, string>> = {
  record: "a map",
  array: "a list",
  string: "text",
  number: "a number",
  boolean: "true or false",
};

function firstFew(words: readonly string[]): readonly string[] {
  return words.length <= 5 ? words : [...words.slice(0, 4), "others"];
}

export function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function schemaAt(options: readonly Schema[], index: number): z.core.$ZodTypes {
  return fieldOf(options[index] as Schema).schema;
}

function isChoice(schema: z.core.$ZodTypes): boolean {
  return choicesOf(schema) !== undefined;
}

function likeness(schema: z.core.$ZodTypes, value: Record<string, unknown>): number {
  const { def } = schema._zod;
  if (def.type !== "object") return def.type === "record" ? 0.5 : 0;
  const known = Object.keys(def.shape);
  // A few keys are enough; a map may have a hundred thousand.
  return Object.entries(value)
    .slice(0, 50)
    .reduce((score, [key, held]) => {
      const child = def.shape[key];
      if (child === undefined) return score + (nearest(key, known) === undefined ? 0 : 0.5);
      const choices = choicesOf(fieldOf(child).schema)?.map(String);
      if (choices === undefined) return score + 1;
      if (choices.includes(String(held))) return score + 10;
      const near = typeof held === "string" ? nearest(held, choices) : undefined;
      return score + (near === undefined ? 0.1 : 5);
    }, 0);
}
