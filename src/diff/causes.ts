// Finds the changed line that causes a different outcome of requests.
import type { Position } from "../findings/finding.ts";
import { testedHaproxy } from "../lab/entrances.ts";
import type { Sides } from "../space/compare.ts";
import { decidedBy } from "../space/evaluate-request.ts";
import { locateWitness } from "../space/haproxy/locate-request.ts";
import type { Program, Rule } from "../space/program.ts";
import { parseHaproxyConfig } from "../wiring/haproxy/config.ts";
import { readHaproxyWiring } from "../wiring/haproxy/read.ts";
import { readWiring } from "../wiring/read-wiring.ts";
import type { HaproxyLayer, WiringFile } from "../wiring/wiring.ts";
import { type DifferingPart, placesOf } from "./compare-requests.ts";
import type { Cause } from "./comparison.ts";
import type { HaproxyPrograms, HaproxySide } from "./haproxy-side.ts";
import { type Hunk, undone, withHunk } from "./hunks.ts";
import { definedNames } from "./other-changes.ts";

/** At most this many places are tried. */
const MOST_HUNKS = 60;

/** A side of layers with all its files. */
export interface FileSide extends HaproxySide {
  readonly files: readonly WiringFile[];
}

type TriedPart = Pick<DifferingPart, "id" | "before" | "after" | "rules" | "witness">;

/** The changed line that decides; otherwise the one change that by itself has the effect, or without which there is none. */
export class Causes {
  readonly #sides: Sides<FileSide>;
  readonly #programs: HaproxyPrograms;
  readonly #hunks: readonly Hunk[];
  readonly #tried: Sides<Map<Hunk, Promise<Program | undefined>>> = { before: new Map(), after: new Map() };

  constructor(sides: Sides<FileSide>, programs: HaproxyPrograms, hunks: readonly Hunk[]) {
    this.#sides = sides;
    this.#programs = programs;
    this.#hunks = hunks;
  }

  async of(part: TriedPart): Promise<Hunk | undefined> {
    const [first] = this.#hunks;
    if (first === undefined || this.#hunks.length === 1) return first;
    return this.#deciding(part) ?? (await this.#byEffect(part));
  }

  #deciding({ rules }: TriedPart): Hunk | undefined {
    const later = placesOf(rules.after).map((at) => hunkAt(this.#hunks, at, "after"));
    const earlier = placesOf(rules.before).map((at) => hunkAt(this.#hunks, at, "before"));
    return [...later, ...earlier].find((hunk) => hunk !== undefined);
  }

  async #byEffect(part: TriedPart): Promise<Hunk | undefined> {
    const tried = likelyFirst(this.#hunks, part).slice(0, MOST_HUNKS);
    for (const hunk of tried)
      if (valueIn(await this.#evaluated(hunk, "before"), part) === part.after.key) return hunk;
    for (const hunk of tried)
      if (valueIn(await this.#evaluated(hunk, "after"), part) === part.before.key) return hunk;
    return undefined;
  }

  /** The earlier side with this change, or the later one without it. */
  #evaluated(hunk: Hunk, side: keyof Sides<unknown>): Promise<Program | undefined> {
    const known = this.#tried[side].get(hunk) ?? this.#evaluate(hunk, side);
    this.#tried[side].set(hunk, known);
    return known;
  }

  async #evaluate(hunk: Hunk, side: keyof Sides<unknown>): Promise<Program | undefined> {
    const changed = await changedLayer(this.#sides[side], side === "before" ? hunk : undone(hunk));
    return changed && this.#programs.evaluate(changed);
  }
}

/** Changes that define what the deciding rules refer to come first: an ACL, a variable, a file. */
function likelyFirst(hunks: readonly Hunk[], { rules }: TriedPart): readonly Hunk[] {
  const texts = [...rules.before, ...rules.after].map(({ text }) => text).join("\n");
  const words = new Set(texts.split(/[^\w.-]+/));
  const isNamed = ({ file, oldLines, newLines }: Hunk) => {
    const { lines } = parseHaproxyConfig(`${[...oldLines, ...newLines].join("\n")}\n`, file);
    return [file.replace(/^.*\//, ""), ...lines.flatMap(definedNames)].some((name) => words.has(name));
  };
  const named = hunks.filter(isNamed);
  return [...named, ...hunks.filter((hunk) => !named.includes(hunk))];
}

export function causeOfHunk({ what, at }: Hunk): Cause {
  return { what, side: what === "removed" ? "before" : "after", at };
}

/** The change that contains a line of a side. */
export function hunkAt(
  hunks: readonly Hunk[],
  { file, line }: Position,
  side: "before" | "after",
): Hunk | undefined {
  return hunks.find((hunk) => {
    const [start, lines] =
      side === "before" ? [hunk.oldStart, hunk.oldLines] : [hunk.newStart, hunk.newLines];
    return file === hunk.file && start <= line && line < start + lines.length;
  });
}

/** undefined: no HAProxy is left after the change. */
async function changedLayer({ layer, files }: FileSide, hunk: Hunk): Promise<HaproxyLayer | undefined> {
  const changed = withHunk(files, hunk);
  const own = files.find(({ file }) => file === hunk.file);
  const text = changed.find(({ file }) => file === hunk.file)?.text ?? "";
  const isWhole = layer.config.file === hunk.file && layer.config.origin === undefined;
  if (isWhole && own?.kind === "haproxy") {
    const config = parseHaproxyConfig(text, hunk.file);
    return { ...layer, config, wiring: readHaproxyWiring(config) };
  }
  if (own?.kind === "haproxy-map") {
    const maps = [...layer.maps].map(
      ([path, map]) => [path, map.file === hunk.file ? { ...map, text } : map] as const,
    );
    return { ...layer, maps: new Map(maps) };
  }
  const isRead = own?.kind === "kubernetes" || own?.kind === "haproxy";
  return isRead ? testedHaproxy(await readWiring(changed)) : layer;
}

/** What a side does with the request of a part; undefined: not known. */
function valueIn(program: Program | undefined, { id, witness }: TriedPart): string | undefined {
  if (program === undefined) return undefined;
  const facet = program.facets.find((one) => one.id === id);
  if (facet === undefined) return "";
  const decided = decidedBy(facet, locateWitness(witness));
  return decided && viewed(facet, decided.leaf);
}

function viewed(
  { view }: Program["facets"][number],
  leaf: Extract<Rule["outcome"], { key: string }>,
): string {
  return (view === undefined ? leaf : view(leaf)).key;
}
