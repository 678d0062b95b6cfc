// The result of a description with a hostile text: refused with a finding, or files of the same shape as with a harmless one.
import { validateEdge } from "../../src/description/validation/validate.ts";
import type { EmittedFile } from "../../src/emit/file.ts";
import { emitLayers } from "../../src/emit/layers.ts";
import type { Finding } from "../../src/findings/finding.ts";
import type { Plan } from "../../src/plan/plan.ts";
import { planEdge } from "../../src/plan/plan-edge.ts";
import { parseHaproxyConfig } from "../../src/wiring/haproxy/config.ts";
import { scanWord } from "../../src/wiring/haproxy/quoting.ts";
import { terraformWords } from "./terraform.ts";

export interface Rendered {
  readonly plan: Plan;
  readonly files: readonly EmittedFile[];
}

export type RenderOutcome = Rendered | { readonly refused: readonly Finding[] };

const NOWHERE = { positionOf: () => undefined, spellingOf: () => undefined };

export function render(description: object): RenderOutcome {
  const { value, findings } = validateEdge(description, NOWHERE);
  if (value === undefined) return { refused: findings };
  const planned = planEdge(value);
  if (planned.value === undefined) return { refused: planned.findings };
  return { plan: planned.value, files: emitLayers(planned.value) };
}

/** HAProxy reads secrets from its environment: whole words, after the user's name. */
function isSecret(text: string): boolean {
  const before = /^(.*)"\$\{(?:STATS_PASSWORD|STICKY_KEY)\}"$/s.exec(text)?.[1];
  return before !== undefined && !scanWord(before, 0).symbolic;
}

export interface Shape {
  /** Every word of haproxy.cfg: `section 3 backend, line 1, word 2`, with its value; and every token of the Terraform. */
  readonly words: ReadonlyMap<string, string>;
  /** The lines of every map and list, sorted: the position of a line depends on its key. */
  readonly tables: readonly (readonly string[])[];
  /** Invalid lines, invalid Terraform, and environment variables that HAProxy would expand. */
  readonly wrong: readonly string[];
}

/** Two renderings have the same shape when their words are in the same places, and their tables have lines of as many words. */
export function shapeOf({ files }: Rendered): Shape {
  const config = parseHaproxyConfig(
    files.find(({ path }) => path === "haproxy/haproxy.cfg")?.content ?? "",
    "haproxy.cfg",
  );
  const words = new Map<string, string>();
  const wrong: string[] = [];
  config.sections.forEach((section, at) => {
    const lines = [...(section.header === undefined ? [] : [section.header]), ...section.lines];
    lines
      .filter(({ tokens }) => tokens.length > 0)
      .forEach((line, row) => {
        if (line.fault !== undefined) wrong.push(`line ${line.number}: ${line.fault.code}: ${line.text}`);
        line.tokens.forEach((token, column) => {
          if (token.symbolic && !isSecret(token.text))
            wrong.push(`line ${line.number}: an environment variable: ${token.text}`);
          words.set(`section ${at} ${section.kind}, line ${row}, word ${column}`, token.value);
        });
      });
  });
  for (const { path, content } of files.filter(({ path }) => path.endsWith(".tf"))) {
    const read = terraformWords(path, content);
    for (const [place, value] of read.words) words.set(place, value);
    wrong.push(...read.wrong);
  }
  const tables = files
    .filter(({ path }) => /\.(map|lst)$/.test(path))
    .map(({ content }) => tableLines(content));
  for (const line of tables.flat())
    if (/[\r\0]/.test(line)) wrong.push(`a control character in the table line ${line}`);
  return { words, tables, wrong };
}

/** Sorted, as the position of a line depends on its key; blanks between words as one, as they only align. */
function tableLines(content: string): readonly string[] {
  return content
    .split("\n")
    .slice(0, -1)
    .map((line) => line.replace(/ +/g, " "))
    .sort();
}

/** The part of a shape that belongs to a text: words and lines that differ when the text differs. */
export interface Carriers {
  readonly words: ReadonlySet<string>;
  readonly lines: readonly (readonly string[])[];
}

export function carriersOf(shape: Shape, other: Shape): Carriers {
  const words = [...shape.words]
    .filter(([place, value]) => other.words.get(place) !== value)
    .map(([place]) => place);
  return {
    words: new Set(words),
    lines: shape.tables.map((lines, at) => without(lines, other.tables[at] ?? [])),
  };
}

/** What differs between two shapes beyond the values of the carriers; nothing when all is well. */
export function differences(shape: Shape, now: Shape, carriers: Carriers): readonly string[] {
  const found: string[] = [...now.wrong];
  for (const place of shape.words.keys()) if (!now.words.has(place)) found.push(`gone: ${place}`);
  for (const [place, value] of now.words) {
    const before = shape.words.get(place);
    if (before === undefined) found.push(`new: ${place}: ${value}`);
    else if (before !== value && !carriers.words.has(place))
      found.push(`changed: ${place}: ${before} → ${value}`);
  }
  if (shape.tables.length !== now.tables.length)
    found.push(`${now.tables.length} tables instead of ${shape.tables.length}`);
  shape.tables.forEach((lines, at) => {
    const own = carriers.lines[at] ?? [];
    const rest = without(now.tables[at] ?? [], without(lines, own));
    const missing = without(without(lines, own), now.tables[at] ?? []);
    if (missing.length > 0) found.push(`table ${at}: lines are gone: ${missing.join(" ⏎ ")}`);
    if (String(wordCounts(rest)) !== String(wordCounts(own)))
      found.push(`table ${at}: other lines than ${own.join(" ⏎ ")}: ${rest.join(" ⏎ ")}`);
  });
  return found.length > 8 ? [...found.slice(0, 8), `… ${found.length - 8} more`] : found;
}

/** The lines of `all` that are not in `some`, with repetitions. */
function without(all: readonly string[], some: readonly string[]): readonly string[] {
  const rest = [...some];
  return all.filter((line) => {
    const at = rest.indexOf(line);
    if (at >= 0) rest.splice(at, 1);
    return at < 0;
  });
}

/** As HAProxy reads a line of a map: words between blanks. */
function wordCounts(lines: readonly string[]): readonly number[] {
  return lines.map((line) => line.split(/[ \t\v\f]+/).length).sort((a, b) => a - b);
}
