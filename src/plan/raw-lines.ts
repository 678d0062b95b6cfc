// Raw HAProxy lines, which cannot leave their section.

import type { Position } from "../findings/finding.ts";
import { SECTION_KINDS } from "../source/haproxy-sections.ts";
import { describedName } from "./backend-plan.ts";
import type { DescriptionPath, Lowering } from "./lowering.ts";
import type { Entrance, Plan } from "./plan.ts";

/** A line as the description has it, without its indentation. */
export interface RawLine {
  readonly text: string;
  readonly at: Position | undefined;
}

/** The raw lines of one place in the description. */
export interface RawBlock {
  /** `the global section`, `the public frontends`, ``the backend `web` `` */
  readonly section: string;
  /** The requests that reach that section: `all requests`, ``requests to the backend `web` `` */
  readonly scope: string;
  /** Where the description has them; an index follows. */
  readonly path: DescriptionPath;
  /** At least one. */
  readonly lines: readonly string[];
  /** null: every entrance. */
  readonly entrance: Entrance | null;
  /** A backend's name, never a variant's; null: whatever the backend. */
  readonly backend: string | null;
  /** Of the entrance or the backend; undefined: no place is known. */
  readonly at: Position | undefined;
}

/** Every place of the description that has raw lines. */
export function rawBlocks({ rawGlobal, listeners, backends }: Plan): readonly RawBlock[] {
  const frontends = (["public", "internal"] as const).flatMap((entrance): readonly RawBlock[] => {
    const listener = listeners.find((one) => one.entrance === entrance);
    if (listener === undefined) return [];
    const section = entrance === "public" ? "the public frontends" : "the internal frontend";
    const scope = `requests through the ${entrance} entrance`;
    const { raw, at } = listener;
    return [{ section, scope, path: [entrance, "raw"], lines: textsOf(raw), entrance, backend: null, at }];
  });
  const pools = backends
    .filter(({ variantOf }) => variantOf === null)
    .map(({ name, raw, at }): RawBlock => {
      const section = `the backend \`${name}\``;
      const path = ["backends", name, "raw"];
      const lines = textsOf(raw);
      return { section, scope: `requests to ${section}`, path, lines, entrance: null, backend: name, at };
    });
  const global: RawBlock = {
    section: "the global section",
    scope: "all requests",
    path: ["haproxy", "raw"],
    lines: textsOf(rawGlobal),
    entrance: null,
    backend: null,
    at: undefined,
  };
  return [global, ...frontends, ...pools].filter(({ lines }) => lines.length > 0);
}

function textsOf(lines: readonly RawLine[]): readonly string[] {
  return lines.map(({ text }) => text);
}

/**
 * The raw lines that apply to a request through an entrance and to these backends (variants too). A line elsewhere takes part only if it
 * changes shared state: maps and ACL files (manual section 4.2, http-request set-map, add-acl), or anything through Lua.
 */
export function rawBlocksOn(
  plan: Plan,
  entrance: Entrance,
  backends: readonly string[],
): readonly RawBlock[] {
  const names = new Set(backends.map((name) => describedName(plan.backends, name)));
  return rawBlocks(plan).filter(
    (block) =>
      block.lines.some((line) => /\b(?:set|add|del)-(?:map|acl)\b|\blua\b/.test(line)) ||
      ((block.entrance === null || block.entrance === entrance) &&
        (block.backend === null || names.has(block.backend))),
  );
}

/** The same plan, all of which the model covers. */
export function withoutRawLines(plan: Plan): Plan {
  return {
    ...plan,
    rawGlobal: [],
    listeners: plan.listeners.map((listener) => ({ ...listener, raw: [] })),
    backends: plan.backends.map((backend) => ({ ...backend, raw: [] })),
  };
}

export function lowerRaw(
  lowering: Lowering,
  lines: readonly string[] | undefined,
  path: DescriptionPath,
): readonly RawLine[] {
  for (const [index, line] of (lines ?? []).entries()) {
    const problem = rawProblem(line);
    if (problem === undefined) continue;
    lowering.report({
      code: "raw-leaves-section",
      what: problem,
      why: "A raw line belongs to one section. A line that leaves it changes the meaning of the lines after it.",
      remedy: "Write one directive of that section per line.",
      path: [...path, index],
    });
  }
  return (lines ?? []).map((line, index) => ({
    text: line.replace(/^[ \t]+/, ""),
    at: lowering.at([...path, index]),
  }));
}

function rawProblem(line: string): string | undefined {
  const bare = line.trim();
  const word = bare.split(/\s/)[0] ?? "";
  if (bare === "") return "the raw line is empty";
  if (bare.startsWith("#")) return "the raw line is a comment, and does nothing";
  // Quoted or escaped, `\x66rontend` is a section too (manual section 2.2); no directive needs it.
  if (/["'\\]/.test(word)) return "the raw line's first word is quoted or escaped";
  if (word.startsWith(".")) return `the raw line begins with ${word}, which steers how the file is read`;
  if (SECTION_KINDS.has(word)) return `the raw line begins a \`${word}\` section`;
  if (bare.endsWith("\\")) return "the raw line ends with a backslash";
  return undefined;
}
