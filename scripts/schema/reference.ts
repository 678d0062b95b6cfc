// The description's reference in Markdown, made of the JSON Schema: a section a map, a row a key.
import type { JsonSchema } from "./json-schema.ts";

interface Section {
  readonly title: string;
  readonly schema: JsonSchema;
}

const HEAD = `<!-- Generated from the schema by scripts/write-schema.ts. Change the schema, then run it. -->

# The description

What \`portico.yaml\` and \`portico.config.ts\` may say. \`portico.config.ts\` is code: a command that reads it runs it with your
rights ([Checking untrusted files](../concepts/security.md#checking-untrusted-files)). Keys marked with \\* must be there. Durations are text with a unit
(\`250ms\`, \`30s\`, \`2m\`, \`180d\`), sizes too (\`64kB\`, \`1MiB\`); \`…\` below represents a list's items, \`NAME\` a name of your own.
`;

/** The whole page. */
export function referencePage(schema: JsonSchema): string {
  const sections: Section[] = [];
  collect({ title: "", schema }, sections);
  return `${HEAD}\n${sections.map(sectionText).join("\n")}`;
}

/** The map itself, then the maps below it, depth first. */
function collect(section: Section, into: Section[]): void {
  into.push(section);
  for (const [key, child] of Object.entries(section.schema.properties ?? {})) {
    const title = section.title === "" ? key : `${section.title}.${key}`;
    for (const found of mapsWithin(child, title)) collect(found, into);
  }
}

/** The maps a value may be or hold, through lists, names and alternatives. Alternatives become one section with all their keys. */
function mapsWithin(schema: JsonSchema, title: string): Section[] {
  if (schema.properties !== undefined) return [{ title, schema }];
  if (schema.items !== undefined) return mapsWithin(schema.items, `${title}[…]`);
  if (typeof schema.additionalProperties === "object")
    return mapsWithin(schema.additionalProperties, `${title}.NAME`);
  return (schema.anyOf ?? []).flatMap((option, index, options) => {
    const several = options.filter((other) => other.properties !== undefined).length > 1;
    return mapsWithin(
      option,
      several && option.properties !== undefined ? `${title} (${markOf(option, index)})` : title,
    );
  });
}

/** What identifies an alternative: its fixed value, else its keys. */
function markOf(option: JsonSchema, index: number): string {
  const fixed = Object.entries(option.properties ?? {}).find(([, value]) => typeof value.const === "string");
  if (fixed !== undefined) return `${fixed[0]}: ${String(fixed[1].const)}`;
  return option.required?.join(", ") ?? `form ${index + 1}`;
}

function sectionText({ title, schema }: Section): string {
  const rows = Object.entries(schema.properties ?? {}).map(([key, value]) => {
    const required = schema.required?.includes(key) === true ? " \\*" : "";
    return `| \`${key}\`${required} | ${cell(typeText(value))} | ${cell(value.description ?? "")} |`;
  });
  const intro =
    title === ""
      ? ""
      : `## \`${title}\`\n${schema.description === undefined ? "" : `\n${schema.description}\n`}\n`;
  return `${intro}| key | value | what |\n| --- | --- | --- |\n${rows.join("\n")}\n`;
}

function typeText(schema: JsonSchema): string {
  if (Array.isArray(schema.type))
    return schema.type.map((type: string) => typeText({ ...schema, type })).join(" or ");
  if (schema.anyOf !== undefined) return [...new Set(schema.anyOf.map(typeText))].join(" or ");
  if (schema.const !== undefined) return `\`${String(schema.const)}\``;
  if (schema.enum !== undefined) return schema.enum.map((value) => `\`${String(value)}\``).join(", ");
  if (schema.type === "array") return `list of ${typeText(schema.items ?? {}).replace(/^map$/, "maps")}`;
  if (schema.type === "object")
    return schema.properties === undefined
      ? `${typeText(typeof schema.additionalProperties === "object" ? schema.additionalProperties : {}).replace(/^map$/, "maps")} by name`
      : "map";
  if (schema.type === "string") return textKind(schema);
  if (schema.type === "integer" || schema.type === "number") return rangeText(schema);
  return schema.type === "boolean" ? "true or false" : String(schema.type ?? "anything");
}

function textKind({ pattern = "" }: JsonSchema): string {
  if (pattern.includes("us|ms|s|m|h|d")) return "duration";
  return pattern.includes("kB|MB|GB") ? "size" : "text";
}

function rangeText({ minimum, maximum }: JsonSchema): string {
  const upper = maximum === undefined || maximum >= Number.MAX_SAFE_INTEGER ? undefined : maximum;
  const lower = minimum === undefined || minimum <= Number.MIN_SAFE_INTEGER ? undefined : minimum;
  if (lower === undefined && upper === undefined) return "whole number";
  return upper === undefined ? `whole number from ${lower}` : `${lower ?? "…"} to ${upper}`;
}

function cell(text: string): string {
  return text.replaceAll("|", "\\|").replaceAll("*", "\\*").replace(/\s+/g, " ");
}
