// The TypeScript type of a description, made of the JSON Schema: editors show the comments where a portico.config.ts is written.
import type { JsonSchema } from "./json-schema.ts";

const HEAD =
  "// Generated from the schema by scripts/write-schema.ts: change src/description/schema, then run `npm run schema`.\n\n";

/** The file edge.d.ts, which exports the interface `Edge`. */
export function edgeTypes(schema: JsonSchema): string {
  return `${HEAD}${comment(schema, "")}export interface Edge ${typeOf(schema, "")}\n`;
}

function typeOf(schema: JsonSchema, indent: string): string {
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.enum !== undefined) return schema.enum.map((value) => JSON.stringify(value)).join(" | ");
  if (schema.type === "object") return mapType(schema, indent);
  if (schema.type === "array") return `${inBrackets(typeOf(schema.items ?? {}, indent))}[]`;
  if (schema.type === "integer") return "number";
  if (typeof schema.type === "string") return schema.type;
  return [...new Set((schema.anyOf ?? []).map((option) => typeOf(option, indent)))].join(" | ");
}

function mapType({ properties, required, additionalProperties }: JsonSchema, indent: string): string {
  const inner = `${indent}  `;
  if (properties === undefined && typeof additionalProperties === "object")
    return `Record<string, ${typeOf(additionalProperties, indent)}>`;
  const members = Object.entries(properties ?? {}).map(([key, value]) => {
    const type = typeOf(value, inner);
    const member = required?.includes(key) === true ? `${key}: ${type}` : `${key}?: ${type} | undefined`;
    return `${comment(value, inner)}${inner}${member};\n`;
  });
  return `{\n${members.join("")}${indent}}`;
}

function inBrackets(type: string): string {
  return /^[\w"]+$/.test(type) ? type : `(${type})`;
}

function comment({ description }: JsonSchema, indent: string): string {
  return description === undefined ? "" : `${indent}/** ${description.replaceAll("*/", "*\\/")} */\n`;
}
