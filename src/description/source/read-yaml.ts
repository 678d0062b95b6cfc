// A YAML description: its text read into a tree, by the quick reader where that can, else by the full one.
import type { Finding, Outcome, Position } from "../../findings/finding.ts";
import { locator } from "../../findings/positions.ts";
import { readPlainYaml } from "./plain-yaml.ts";
import type { SourceNode } from "./tree.ts";

/** Reads the text of the file named so. Findings point into it. */
export async function readYaml(text: string, file: string): Promise<Outcome<SourceNode>> {
  const plain = readPlainYaml(text);
  const locate = locator(file, text);
  const read =
    plain === undefined
      ? (await import("./full-yaml.ts")).readFullYaml(text, locate)
      : { value: plain, findings: [] };
  const root = read.value;
  if (root?.kind === "scalar" && root.value === null) return { findings: [empty(file)] };
  const forbidden =
    root === undefined
      ? []
      : forbiddenKeys(root, text).map((start) => forbiddenKey(locate(start, start + 9)));
  return forbidden.length > 0 ? { findings: forbidden } : read;
}

/** Where a key is `__proto__`: as a property it would set an object's prototype, or vanish. */
function forbiddenKeys(root: SourceNode, text: string): number[] {
  if (!text.includes("__proto__")) return [];
  const found: number[] = [];
  const seen = new Set<SourceNode>();
  const walk = (node: SourceNode): void => {
    if (node.kind === "scalar" || seen.has(node)) return;
    seen.add(node);
    if (node.kind === "list") node.items.forEach(walk);
    else {
      for (const [key, entry] of node.entries) {
        if (key === "__proto__") found.push(entry.keyStart);
        walk(entry.value);
      }
    }
  };
  walk(root);
  return found;
}

function forbiddenKey(at: Position): Finding {
  return {
    code: "unknown-key",
    severity: "error",
    what: "`__proto__` cannot be a key",
    why: "In JavaScript it is the prototype of an object, not an entry.",
    remedy: "Use another name.",
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
