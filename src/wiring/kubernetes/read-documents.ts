// The documents of a YAML or JSON file, each with the place of every value; a broken one is left out, and the others are read.
import { parseDocument, type YAMLError } from "yaml";
import { type Locate, locator } from "../../findings/positions.ts";
import type { SourceFile } from "../source-file.ts";
import type { LeftOut } from "../wiring.ts";
import { type Place, type PlainData, plainData, type YamlFault } from "./yaml-data.ts";

export interface YamlDocument {
  readonly data: unknown;
  readonly place: Place;
}

export interface YamlDocuments {
  readonly documents: readonly YamlDocument[];
  readonly leftOut: readonly LeftOut[];
}

/** Never fails. Empty documents are none. */
export function readDocuments({ file, text }: SourceFile): YamlDocuments {
  const locate = locator(file, text);
  const documents: YamlDocument[] = [];
  const leftOut: LeftOut[] = [];
  for (const { start, end } of partsOf(text)) {
    const part = text.slice(start, end);
    if (!holdsAnything(part)) continue;
    const read = readOne(part, (from, to) => locate(start + from, to === undefined ? to : start + to));
    leftOut.push(...read.leftOut);
    if (read.document !== undefined && read.document.data !== null) documents.push(read.document);
  }
  return { documents, leftOut };
}

/**
 * Where documents begin and end: a marker in the first column ends whatever stands above it (YAML 1.2.2, 9.1.2), so that a fault
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
  try {
    const parsed = parseDocument(part, OPTIONS);
    const json = part.trimStart().startsWith("{") ? parseJson(part) : undefined;
    const problem = parsed.errors[0];
    if (problem !== undefined && json === undefined) return { leftOut: [unparsed(problem, part, locate)] };
    const plain: PlainData = plainData(parsed, locate);
    const fatal = plain.faults.find(({ fatal }) => fatal);
    if (fatal !== undefined) return { leftOut: [faulty(fatal, part, locate)] };
    return {
      document: { data: json ?? plain.data, place: plain.place },
      leftOut: plain.faults.map((fault) => faulty(fault, part, locate)),
    };
  } catch (error) {
    // The only thing that stops both the parser and the walk: more brackets within each other than the stack has room for.
    if (!(error instanceof RangeError)) throw error;
    return {
      leftOut: [
        {
          what: "does not parse: it is nested too deeply",
          why: lostWith(part),
          severity: "error",
          at: locate(firstContent(part)),
        },
      ],
    };
  }
}

// Kubernetes reads YAML 1.1 as Go's library has it: `yes` is true and 0440 is octal, but there are no dates, sexagesimal numbers or
// binary values (sigs.k8s.io/yaml, goyaml.v2/resolve.go). Merge keys and doubled keys are seen to in yaml-data.ts.
const NOT_IN_GO = /:(?:merge|timestamp|binary|omap|pairs|set)$/;
const OPTIONS = {
  version: "1.2",
  schema: "yaml-1.1",
  merge: false,
  uniqueKeys: false,
  prettyErrors: false,
  logLevel: "silent",
  customTags: (tags: readonly unknown[]) =>
    tags.filter((tag) => {
      if (typeof tag !== "object" || tag === null || !("tag" in tag)) return true;
      return !NOT_IN_GO.test(String(tag.tag)) && !("format" in tag && tag.format === "TIME");
    }),
} as Parameters<typeof parseDocument>[1];

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text.replace(/^\uFEFF/, ""));
  } catch {
    return undefined;
  }
}

function unparsed(problem: YAMLError, part: string, locate: Locate): LeftOut {
  if (part.includes("{{")) return template(part, locate);
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
  if (fault.code === "key" && part.includes("{{")) return template(part, locate);
  return {
    what: fault.fatal ? `cannot be read: ${fault.what}` : fault.what,
    why: fault.fatal ? lostWith(part) : fault.why,
    severity: "error",
    at: locate(fault.start, fault.end),
  };
}

function template(part: string, locate: Locate): LeftOut {
  const start = part.indexOf("{{");
  return {
    what: "is a template, not YAML",
    why: `${lostWith(part)} What it says is known once it is rendered (\`helm template\`).`,
    severity: "note",
    at: locate(start, start + 2),
  };
}

/** What the document seems to hold, from its own words: it could not be read. */
function lostWith(part: string): string {
  const kind = /^(?:kind|"kind"|\s+"kind"):\s*"?([A-Za-z]+)/m.exec(part)?.[1];
  const name = /^metadata:[^\n]*\n(?:[ \t]+[^\n]*\n)*?[ \t]+name:[ \t]*["']?([\w.-]+)/m.exec(part)?.[1];
  const lost =
    kind === undefined ? "What it describes" : `The ${kind}${name === undefined ? "" : ` ${name}`}`;
  return `${lost} is not read, and nothing that it says is checked.`;
}

function firstContent(part: string): number {
  return /[^\s-]/.exec(part)?.index ?? 0;
}

function firstLine(text: string): string {
  return text.split("\n", 1)[0] ?? text;
}
