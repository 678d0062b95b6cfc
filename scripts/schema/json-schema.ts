// The schema of a description as JSON Schema, for editors: completion, hints and checks while a portico.yaml is written.
import { z } from "zod";
import { edge } from "../../src/description/schema/edge.ts";

/** A node of the JSON Schema, with the keywords that this folder and the tests read. */
export interface JsonSchema {
  readonly description?: string;
  readonly default?: unknown;
  readonly type?: string | readonly string[];
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly pattern?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean | JsonSchema;
  readonly items?: JsonSchema;
  readonly anyOf?: readonly JsonSchema[];
  readonly [keyword: string]: unknown;
}

/**
 * The JSON Schema of a description as it is written. Draft 2020-12 without references, which strict validators accept.
 * It refuses what can be recognized without the rest of the description; Portico checks the rest.
 */
export function descriptionJsonSchema(): JsonSchema {
  const { $schema, ...schema } = z.toJSONSchema(edge, {
    io: "input",
    target: "draft-2020-12",
    override: ({ jsonSchema }) => forEditors(jsonSchema),
  });
  return {
    $schema,
    $id: "urn:portico:description",
    title: "Portico description",
    ...schema,
  } as unknown as JsonSchema;
}

/** `shape` is a pattern in addition to checks in code; the pattern of a check takes precedence. */
function forEditors(schema: z.core.JSONSchema.BaseSchema): void {
  const { shape } = schema;
  delete schema.shape;
  if (typeof shape === "string") schema.pattern ??= shape;
  const value = defaultOf(schema as JsonSchema);
  if (value !== undefined) schema.default = value as z.core.JSONSchema.BaseSchema["default"] & {};
}

/** The constant in the last sentence of the description: `Default 30s.`; undefined for a default that depends on other fields. */
function defaultOf(schema: JsonSchema): string | number | boolean | undefined {
  const text = /\bDefault (\S+)\.$/.exec(schema.description ?? "")?.[1];
  if (text === undefined) return undefined;
  if (accepts(schema, "boolean") && /^(true|false)$/.test(text)) return text === "true";
  if ((accepts(schema, "integer") || accepts(schema, "number")) && /^\d+$/.test(text)) return Number(text);
  return text;
}

function accepts({ type, anyOf }: JsonSchema, wanted: string): boolean {
  return type === wanted || (anyOf ?? []).some((option) => accepts(option, wanted));
}
