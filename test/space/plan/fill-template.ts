// The text of a template for one request.
import { replacePrefix } from "../../../src/model/request-target.ts";
import type { Template, TemplatePart } from "../../../src/space/plan/template.ts";

/** What a template is filled with. */
export interface TemplateValues {
  readonly host: string;
  readonly path: string;
  /** null: without a `?`. */
  readonly query: string | null;
}

export function fillTemplate(template: Template, values: TemplateValues): string {
  return template.map((part) => (typeof part === "string" ? part : filled(part, values))).join("");
}

function filled(part: Exclude<TemplatePart, string>, { host, path, query }: TemplateValues): string {
  if (part.part === "host") return host;
  if (part.part === "path") return path;
  if (part.part === "replaced") return replacePrefix(path, part.prefix, part.by);
  if (query === null || (part.part === "query-unless-empty" && query === "")) return "";
  return `?${query}`;
}
