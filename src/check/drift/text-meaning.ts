// Whether two texts of a layer differ only in comments and layout. In doubt the result is false.
import { parseAllDocuments } from "yaml";
import { parseHaproxyConfig } from "../../wiring/haproxy/config.ts";

/** For whole files: whether the programs that read them interpret both identically. */
export function sameMeaning(path: string, a: string, b: string): boolean {
  return meaningOf(path, a) === meaningOf(path, b);
}

/** Lines that only one of two texts has, that contain comments only. */
export function isRemark(path: string, planned: readonly string[], found: readonly string[]): boolean {
  if (path.endsWith(".cfg")) return sameMeaning(path, planned.join("\n"), found.join("\n"));
  return [...planned, ...found].every((line) => line.trim() === "" || isComment(path, line));
}

function meaningOf(path: string, text: string): string {
  if (path.endsWith(".cfg")) return wordsOf(text);
  if (/\.ya?ml$/.test(path)) return dataOf(text);
  // A here-document contains no comments.
  if (text.includes("<<")) return text;
  return text
    .split("\n")
    .filter((line) => line.trim() !== "" && !isComment(path, line))
    .join("\n");
}

/** The words of each line, as HAProxy reads them (manual section 2.2). */
function wordsOf(text: string): string {
  const lines = parseHaproxyConfig(text, "").lines.map(({ tokens }) => tokens.map(({ value }) => value));
  return JSON.stringify([lines.filter((words) => words.length > 0), text.endsWith("\n")]);
}

/** The HAProxy configurations in a ConfigMap are compared as configurations. */
function dataOf(text: string): string {
  const documents = parseAllDocuments(text);
  if (documents.some(({ errors }) => errors.length > 0)) return text;
  return JSON.stringify(
    documents.map((one) => one.toJS() as unknown),
    (key, value: unknown) => (typeof value === "string" && key.endsWith(".cfg") ? wordsOf(value) : value),
  );
}

/** A whole line. In a map a comment starts in the first column only (HAProxy manual, "map" converter). */
function isComment(path: string, line: string): boolean {
  if (/\.(map|lst)$/.test(path)) return line.startsWith("#");
  if (path.endsWith(".tf")) return /^\s*(#|\/\/)/.test(line);
  // Dockerfile reference, "Parser directives".
  if (/(^|\/)Dockerfile$/.test(path))
    return /^\s*#/.test(line) && !/^#\s*(syntax|escape|check)\s*=/i.test(line);
  return false;
}
