// Values that another tool replaces before the file is used: unknown, not errors.
import { isRecord } from "../source/data.ts";

/** `${X}`, `$(X)`, `$X`, `{{ x }}`, `<%= x %>`, `#{x}`, `((x))`, `[[ x ]]`, `__X__`, `@X@`, `%X%`, `<X>`; `<text with blanks>` is an instruction for the reader: no tool replaces it. */
const PLACEHOLDER =
  /\$[{(]|\$[A-Za-z_]|\{\{|<%|#\{|^\(\(.*\)\)$|^\[\[.*\]\]$|^(__|@|%)[\w.-]+\1$|^<[\w.-]+>$/;

/** Unquoted, `{x}` and `{{ x }}` are maps of YAML: a placeholder where a number or a text is expected. */
export function isPlaceholder(value: unknown): boolean {
  if (typeof value === "string") return PLACEHOLDER.test(value);
  return isRecord(value) && Object.keys(value).length === 1 && Object.values(value)[0] === null;
}

/** Lines that a template engine replaces: Jinja, Go's templates, ERB, `@@NAME@@`, `NAME_PLACEHOLDER`. HAProxy's own formats have no space after `{%`. */
const TEMPLATE =
  /^[^#\n]*(?:@@\w+@@|\b\w+_PLACEHOLDER\b|\{\{-?[ \t]*[\w.$"'(/][^\n]*?\}\}|\{%[-+]?[ \t][^\n]*?%\}|<%[=-]?[ \t][^\n]*?%>)/m;

export function isTemplate(text: string): boolean {
  return TEMPLATE.test(text);
}
