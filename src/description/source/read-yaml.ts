// The YAML text of a description or of expectations, as plain data with positions; or the finding about it.
import type { Finding, Outcome, Position } from "../../findings/finding.ts";
import { isRecord, type Path } from "../../source/data.ts";
import { MAX_DEPTH, MAX_DESCRIPTION_ALIASED } from "../../source/limits.ts";
import { locator } from "../../source/locate.ts";
import type { YamlOptions } from "../../source/yaml.ts";
import type { Places } from "../validation/mistakes.ts";
import { yamlFault, yamlMistake } from "./yaml-mistakes.ts";

export interface ReadYaml {
  readonly data: unknown;
  readonly places: Places;
}

/** YAML 1.2, core schema. Keys are the text they are written as. */
const OPTIONS: YamlOptions = { stringKeys: true, resolveKnownTags: false };

/** Reads the text of the named file. The first mistake is the only finding: its consequences would mislead. */
export async function readYaml(text: string, file: string): Promise<Outcome<ReadYaml>> {
  // Imported on demand: a description in TypeScript does not need it.
  const { parseYaml } = await import("../../source/yaml.ts");
  const locate = locator(file, text);
  const { documents, tooDeepAt } = parseYaml(text, OPTIONS);
  if (tooDeepAt !== undefined) return { findings: [tooDeep(locate(tooDeepAt))] };
  const [document, second] = documents;
  if (document === undefined) throw new Error("the yaml composer gave no document");
  const problem = document.problem ?? document.warning;
  if (problem !== undefined) return { findings: [yamlMistake(problem, text, locate)] };
  if (second !== undefined) return { findings: [severalDocuments(locate(second.start))] };
  const { data, rangeOf, faults } = document.values(MAX_DESCRIPTION_ALIASED);
  const [fault] = faults;
  if (fault !== undefined) return { findings: [yamlFault(fault, locate)] };
  if (data === null) return { findings: [empty(file)] };
  const places: Places = {
    positionOf(path, options) {
      const range = rangeOf(path, options);
      return range && locate(...range);
    },
    spellingOf(path) {
      const range = rangeOf(path);
      return range && text.slice(...range);
    },
  };
  const forbidden = text.includes("__proto__") ? forbiddenKeys(data) : [];
  return forbidden.length === 0
    ? { value: { data, places }, findings: [] }
    : { findings: forbidden.map((path) => forbiddenKey(places.positionOf(path, { key: true }))) };
}

/** Paths of keys that are `__proto__`: as a property it would set an object's prototype, or vanish. */
function forbiddenKeys(data: unknown, path: Path = [], seen = new Set<unknown>()): readonly Path[] {
  if (typeof data !== "object" || data === null || seen.has(data)) return [];
  seen.add(data);
  if (Array.isArray(data)) return data.flatMap((item, index) => forbiddenKeys(item, [...path, index], seen));
  if (!isRecord(data)) return [];
  return Object.entries(data).flatMap(([key, value]) => [
    ...(key === "__proto__" ? [[...path, key]] : []),
    ...forbiddenKeys(value, [...path, key], seen),
  ]);
}

function forbiddenKey(at: Position | undefined): Finding {
  return {
    code: "unknown-key",
    severity: "error",
    what: "`__proto__` cannot be a key",
    why: "In JavaScript it is the prototype of an object, not an entry.",
    remedy: "Use another name.",
    at: at === undefined ? [] : [at],
  };
}

function tooDeep(at: Position): Finding {
  return {
    code: "yaml-too-deep",
    severity: "error",
    what: `the file has more than ${MAX_DEPTH} nested levels`,
    why: "A description needs only a few levels: the file is not a description, or a bracket is not closed.",
    remedy: "Close all brackets.",
    at: [at],
  };
}

function severalDocuments(at: Position): Finding {
  return {
    code: "yaml-multiple-documents",
    severity: "error",
    what: "a second YAML document starts here",
    why: "A file describes one edge, and Portico would ignore everything after `---`.",
    remedy: "Move the second document to a file of its own.",
    at: [at],
  };
}

function empty(file: string): Finding {
  return {
    code: "description-empty",
    severity: "error",
    what: `${file} is empty`,
    why: "It contains only white space and comments.",
    remedy: "Start with `edge:` and `sites:`, or run `portico init` to write a first description.",
    at: [{ file, line: 1, column: 1 }],
  };
}
