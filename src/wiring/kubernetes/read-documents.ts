// The documents of a YAML or JSON file, each with the place of every value; an invalid one is left out, and the others are read.
import type { ScalarTag, Tags, YAMLError } from "yaml";
import { valueAt } from "../../source/data.ts";
import { MAX_ALIASED_VALUES, MAX_DEPTH, shownLimit } from "../../source/limits.ts";
import { type Locate, locator } from "../../source/locate.ts";
import type { SourceFile } from "../../source/source-file.ts";
import { parseYaml, type YamlFault, type YamlOptions } from "../../source/yaml.ts";
import { notALayer } from "../not-a-layer.ts";
import { template } from "../templates.ts";
import type { KubernetesObject, LeftOut } from "../wiring.ts";

/** Where the value at a path is written, with `key` its key; undefined: it is not there. */
export type Place = KubernetesObject["place"];

export interface YamlDocument {
  readonly data: unknown;
  readonly place: Place;
}

export interface YamlDocuments {
  readonly documents: readonly YamlDocument[];
  readonly leftOut: readonly LeftOut[];
}

/** Never fails. Empty documents are ignored. `objects`: a document that is not a Kubernetes object is not reported as a faulty one. */
export function readDocuments(
  { file, text }: SourceFile,
  { objects = false }: { readonly objects?: boolean } = {},
): YamlDocuments {
  const locate = locator(file, text);
  const documents: YamlDocument[] = [];
  const leftOut: LeftOut[] = [];
  for (const { start, end } of partsOf(text)) {
    const part = text.slice(start, end);
    if (!holdsAnything(part)) continue;
    const at: Locate = (from, to) => locate(start + from, to === undefined ? to : start + to);
    const { document, leftOut: faults } = readOne(part, at);
    if (document !== undefined && document.data !== null) documents.push(document);
    const other = objects && faults.some(isFault) && !isObject(part, document);
    leftOut.push(...(other ? [] : faults));
    if (other && document === undefined) leftOut.push(notALayer(at(part.search(/\S/))));
  }
  return { documents, leftOut };
}

/** Documents above a limit are not faults: whether they are objects is not known. */
function isFault({ severity, what }: LeftOut): boolean {
  return severity === "error" && !/nests? more than|expand to more than/.test(what);
}

/** Whether a document has `apiVersion` and `kind`; one that does not parse has them in the first column, or is in flow style. */
function isObject(part: string, document: YamlDocument | undefined): boolean {
  if (document !== undefined)
    return ["apiVersion", "kind"].every((name) => valueAt(document.data, [name]) !== undefined);
  const flow = /^\s*(?:---\s*)?\{/.test(part);
  return ["apiVersion", "kind"].every((name) =>
    new RegExp(`${flow ? "[{,]\\s*" : "^"}["']?${name}["']?\\s*:`, "m").test(part),
  );
}

/**
 * Where documents begin and end: a marker in the first column ends the document above it (YAML 1.2.2, 9.1.2), so that a fault
 * stays within its own.
 */
function partsOf(text: string): readonly { start: number; end: number }[] {
  const parts: { start: number; end: number }[] = [];
  let start = 0;
  for (const { index, 0: marker } of text.matchAll(/^(?:---(?=[ \t\r\n]|$)|\.\.\.[ \t\r]*(?:\n|$))/gm)) {
    const end = marker.startsWith(".") ? index + marker.length : index;
    if (end > start) parts.push({ start, end });
    start = end;
  }
  if (start < text.length) parts.push({ start, end: text.length });
  return parts;
}

/** More than comments, markers and directives. */
function holdsAnything(part: string): boolean {
  return part
    .replace(/^\uFEFF/, "")
    .split("\n")
    .some((line) => !/^\s*(?:#.*|---\s*(?:#.*)?|\.\.\.\s*|%.*)?$/.test(line.replace(/\r$/, "")));
}

function readOne(
  part: string,
  locate: Locate,
): { readonly document?: YamlDocument; readonly leftOut: readonly LeftOut[] } {
  const { documents, tooDeepAt } = parseYaml(part, GO_YAML);
  if (tooDeepAt !== undefined) {
    const what = `cannot be read: it nests more than ${MAX_DEPTH} levels`;
    return { leftOut: [{ what, why: lostWith(part), severity: "error", at: locate(tooDeepAt) }] };
  }
  const [document] = documents;
  if (document === undefined) return { leftOut: [] };
  // JSON may be indented with tabs, which YAML does not allow.
  const json = part.trimStart().startsWith("{") ? parseJson(part) : undefined;
  if (document.problem !== undefined && json === undefined)
    return { leftOut: [unparsed(document.problem, part, locate)] };
  const { data, rangeOf, faults } = document.values(MAX_ALIASED_VALUES);
  const fatal = faults.find(({ kind }) => kind !== "duplicate-key");
  if (fatal !== undefined) return { leftOut: [faulty(fatal, part, locate)] };
  const place: Place = (path, options) => {
    const range = rangeOf(path, options);
    return range === undefined ? undefined : locate(...range);
  };
  return {
    document: { data: json ?? data, place },
    leftOut: faults.map((fault) => faulty(fault, part, locate)),
  };
}

// Kubernetes reads YAML 1.1 like Go's library: `yes` is true and 0440 is octal, but there are no dates, sexagesimal numbers or
// binary values (sigs.k8s.io/yaml, goyaml.v2/resolve.go).
const NOT_IN_GO = /:(?:merge|timestamp|binary|omap|pairs|set)$/;
const GO_YAML: YamlOptions = {
  version: "1.2",
  schema: "yaml-1.1",
  customTags: (tags) =>
    tags
      .filter((tag) => {
        if (typeof tag !== "object" || tag === null || !("tag" in tag)) return true;
        return !NOT_IN_GO.test(String(tag.tag)) && !("format" in tag && tag.format === "TIME");
      })
      .map(withDigit),
};

/** In YAML 1.1 a dot alone is a number. */
function withDigit(tag: Tags[number]): Tags[number] {
  if (typeof tag === "string" || !(tag.test instanceof RegExp) || !tag.test.test(".")) return tag;
  return { ...tag, test: new RegExp(`(?=.*\\d)${tag.test.source}`) } as ScalarTag;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text.replace(/^\uFEFF/, ""));
  } catch {
    return undefined;
  }
}

function unparsed(problem: YAMLError, part: string, locate: Locate): LeftOut {
  if (part.includes("{{")) return templateAt(part, locate);
  const [start, end] = problem.pos;
  const message = problem.message.charAt(0).toLowerCase() + problem.message.slice(1).replace(/\.$/, "");
  const what = problem.code === "TAB_AS_INDENT" ? "the line is indented with a tab" : firstLine(message);
  return {
    what: `does not parse: ${what}`,
    why: lostWith(part),
    severity: "error",
    at: locate(start, end),
  };
}

function faulty(fault: YamlFault, part: string, locate: Locate): LeftOut {
  if (fault.kind === "key-not-text" && part.includes("{{")) return templateAt(part, locate);
  const at = locate(...fault.at);
  return fault.kind === "duplicate-key"
    ? {
        what: `the key \`${fault.key}\` is written twice in the same map`,
        why: LAST_COUNTS,
        severity: "error",
        at,
      }
    : { what: `cannot be read: ${phraseOf(fault)}`, why: lostWith(part), severity: "error", at };
}

const LAST_COUNTS = "Portico uses the last one; the API server may refuse the object, or use either of them.";

function phraseOf(fault: Exclude<YamlFault, { readonly kind: "duplicate-key" }>): string {
  switch (fault.kind) {
    case "key-not-text":
      return "a key is a list or a map, not text";
    case "alias-without-anchor":
    case "alias-within-its-anchor":
      return `no anchor \`&${fault.name}\` ends before this alias`;
    case "too-many-aliased":
      return `its aliases expand to more than ${shownLimit(MAX_ALIASED_VALUES)} values`;
    case "aliased-too-deep":
      return `its aliases nest more than ${MAX_DEPTH} levels`;
    case "merged-not-map":
      return "`<<` needs a map or a list of maps";
  }
}

function templateAt(part: string, locate: Locate): LeftOut {
  const start = part.indexOf("{{");
  return template(lostWith(part), locate(start, start + 2));
}

/** The probable content of a document that could not be read. */
function lostWith(part: string): string {
  const kind = /^(?:kind|"kind"|\s+"kind"):\s*"?([A-Za-z]+)/m.exec(part)?.[1];
  const name = /^metadata:[^\n]*\n(?:[ \t][^\n]*\n)*?[ \t]+name:[ \t]*["']?([\w.-]+)/m.exec(part)?.[1];
  const lost = kind === undefined ? "Its content" : `The ${kind}${name === undefined ? "" : ` ${name}`}`;
  return `${lost} is not read, and its content is not checked.`;
}

function firstLine(text: string): string {
  return text.split("\n", 1)[0] ?? text;
}
