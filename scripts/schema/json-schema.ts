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
}
