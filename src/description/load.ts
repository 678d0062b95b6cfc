// Reads a description, YAML or TypeScript, into a checked edge with the position of every value.
import type { z } from "zod";
import type { Outcome, Position } from "../findings/finding.ts";
import type { Path } from "../source/data.ts";
import type { edge } from "./schema/edge.ts";
import { type DescriptionFile, findDescriptionFile } from "./source/find-file.ts";
import { readText } from "./source/read-text.ts";
import type { Places } from "./validation/mistakes.ts";

/** A description that is valid by the schema. Defaults are not applied yet. */
export interface LoadedDescription {
  readonly edge: z.output<typeof edge>;
  /** The file as the user named it, relative to the working directory. */
  readonly file: string;
  /**
   * Where the value at a path was written, or with `key` the key it was written under. For portico.config.ts only if
   * the text is unambiguous; otherwise undefined.
   */
  positionOf(path: Path, options?: { readonly key?: boolean }): Position | undefined;
  /** The texts that positions point into, by file as positions name it. */
  readonly sources: ReadonlyMap<string, string>;
}

/** The sources are present even if the description was refused, so that its findings can be shown with their lines. */
export type LoadOutcome = Outcome<LoadedDescription> & { readonly sources: ReadonlyMap<string, string> };

export interface LoadOptions {
  /** The folder that names are relative to. */
  readonly cwd: string;
  /** How long a portico.config.ts may take. Default 10,000 ms. */
  readonly timeLimitMs?: number;
}

/** Loads the named file, or the one in the named folder; undefined: the one in `cwd`. Never throws for a user's mistake. */
export async function loadDescription(named: string | undefined, options: LoadOptions): Promise<LoadOutcome> {
  const found = findDescriptionFile(named, options.cwd);
  if (found.value === undefined) return { ...found, sources: new Map() };
  const file = found.value;
  const text = readText(file);
  if (text.value === undefined) return { findings: text.findings, sources: new Map() };
  const sources = new Map([[file.name, text.value]]);
  const outcome =
    file.kind === "yaml"
      ? await loadYaml(file, text.value, sources)
      : await loadConfig(file, text.value, sources, options.timeLimitMs ?? 10_000);
  return { ...outcome, sources };
}

async function loadYaml(
  file: DescriptionFile,
  text: string,
  sources: ReadonlyMap<string, string>,
): Promise<Outcome<LoadedDescription>> {
  const { readYaml } = await import("./source/read-yaml.ts");
  const read = await readYaml(text, file.name);
  if (read.value === undefined) return { findings: read.findings };
  return checked(read.value.data, file, sources, read.value.places);
}

async function loadConfig(
  file: DescriptionFile,
  text: string,
  sources: Map<string, string>,
  timeLimitMs: number,
): Promise<Outcome<LoadedDescription>> {
  const { runConfig } = await import("./config/run-config.ts");
  const { configPlaces } = await import("./config/config-places.ts");
  const run = await runConfig(file.path, timeLimitMs);
  const places = configPlaces(file.name, text);
  if (run.kind === "edge") {
    const positionOf: Places["positionOf"] = (path, options) =>
      places.positionOf(path, options) ?? (path.length === 0 ? places.defaultExport() : undefined);
    return checked(run.edge, file, sources, { positionOf, spellingOf: () => undefined });
  }
  const { findingOfRun } = await import("./config/config-findings.ts");
  const finding = findingOfRun(run, { path: file.path, name: file.name, places });
  await addSources(sources, finding.at, file);
  return { findings: [finding] };
}

/** An error may be in a file that the configuration imports; it is then shown with its line as well. */
async function addSources(
  sources: Map<string, string>,
  at: readonly Position[],
  config: DescriptionFile,
): Promise<void> {
  const { readFile } = await import("node:fs/promises");
  const { dirname, relative, resolve } = await import("node:path");
  for (const { file } of at) {
    if (sources.has(file)) continue;
    const path = resolve(dirname(config.path), relative(dirname(config.name), file));
    // A file that no longer exists is only named.
    const text = await readFile(path, "utf8").catch(() => undefined);
    if (text !== undefined) sources.set(file, text);
  }
}

async function checked(
  value: unknown,
  file: DescriptionFile,
  sources: ReadonlyMap<string, string>,
  places: Places,
): Promise<Outcome<LoadedDescription>> {
  // The schema is the slowest import of a start; a file that cannot be read does not need it.
  const { validateEdge } = await import("./validation/validate.ts");
  const outcome = validateEdge(value, places);
  if (outcome.value === undefined) return outcome;
  return {
    value: { edge: outcome.value, file: file.name, sources, positionOf: places.positionOf },
    findings: [],
  };
}
