// The schema as JSON Schema, for editors: completion and hints while a portico.yaml is written.
import { z } from "zod";
import { edge } from "./schema/edge.ts";

/** A node of the JSON Schema; what this file and its readers look at. */
export interface JsonSchema {
  readonly description?: string;
  readonly markdownDescription?: string;
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
 * The JSON Schema of a description as it is written. Draft 7 without references: what yaml-language-server and
 * VS Code understand fully. It checks shapes; what only a program can check is checked by Portico.
 */
export function descriptionJsonSchema(): JsonSchema {
  const { $schema, ...schema } = z.toJSONSchema(edge, {
    io: "input",
    target: "draft-7",
    override: ({ jsonSchema }) => forEditors(jsonSchema),
  });
  return {
    $schema,
    $id: "urn:portico:description",
    title: "Portico description",
    ...schema,
  } as unknown as JsonSchema;
}

/** Editors that show `markdownDescription` show `code` in it as code; where there is none, `description` does. */
function forEditors(schema: z.core.JSONSchema.BaseSchema): void {
  if (schema.description?.includes("`") === true)
    schema.markdownDescription = schema.description.replace(/[*_<>]/g, "\\$&");
}
