// Every HAProxy configuration, from files and from ConfigMaps, with the maps it names and the pods that run it.
import { posix } from "node:path";
import type { Position } from "../../findings/finding.ts";
import { MAX_SECTIONS, shownLimit } from "../../source/limits.ts";
import type { SourceFile } from "../../source/source-file.ts";
import { type HaproxyConfig, parseHaproxyConfig, placeInFile } from "../haproxy/config.ts";
import { joinConfigs } from "../haproxy/joined.ts";
import { readHaproxyWiring } from "../haproxy/read.ts";
import { notALayer } from "../not-a-layer.ts";
import { isTemplate } from "../placeholder.ts";
import type { ConfigMap, HaproxyLayer, ImageBuild, LeftOut, WiringFile, Workload } from "../wiring.ts";
import { faultsOf, faultsOfPart, type LinesOf } from "./config-faults.ts";
import { configPaths, imageHolds, indicatesHaproxy, looksLikeHaproxy } from "./config-paths.ts";
import { type FileGroup, groupedFiles } from "./grouped-files.ts";
import { configsNotHere, mountedConfigs, type Named } from "./mounted-configs.ts";
import { type MountedFile, type MountedFiles, mountedFiles } from "./mounted-files.ts";
import { namedFiles } from "./named-files.ts";
import { findRunner, type Runner } from "./runner.ts";
import type { Selection } from "./select.ts";

export interface HaproxyParts {
  readonly files: readonly WiringFile[];
  readonly workloads: readonly Workload[];
  readonly configMaps: readonly ConfigMap[];
  readonly images: readonly ImageBuild[];
  readonly selection: Selection;
}

export interface HaproxyLayers {
  readonly haproxies: readonly HaproxyLayer[];
  readonly leftOut: readonly LeftOut[];
}

/** Configurations that pods mount come first, then other files. */
export function haproxyLayers(parts: HaproxyParts): HaproxyLayers {
  const join: Join = {
    parts,
    layers: [],
    leftOut: [],
    taken: new Set(),
    mounted: new Map(),
    linesOf: linesOfFiles(parts.files),
  };
  for (const workload of parts.workloads)
    for (const container of workload.containers) layersOfContainer(join, { workload, container });
  layersOfFiles(join);
  return { haproxies: join.layers, leftOut: join.leftOut };
}

interface Join {
  readonly parts: HaproxyParts;
  readonly layers: HaproxyLayer[];
  readonly leftOut: LeftOut[];
  /** Files whose text a pod mounts. */
  readonly taken: Set<string>;
  /** Configurations that pods mount and no file has the text of, by their name in the pod. */
  readonly mounted: Map<string, { readonly runner: Runner; readonly config: HaproxyConfig }>;
  readonly linesOf: LinesOf;
}

function linesOfFiles(files: readonly SourceFile[]): LinesOf {
  const split = new Map<string, readonly string[]>();
  const byName = new Map(files.map(({ file, text }) => [file, text]));
  return (file) => {
    const lines = split.get(file) ?? (byName.get(file) ?? "").split(/\r?\n/);
    split.set(file, lines);
    return lines;
  };
}

function layersOfContainer(join: Join, runner: Runner): void {
  const { workload, container } = runner;
  const mounted = mountedFiles(workload, container, join.parts.configMaps, join.linesOf);
  const image = join.parts.images.find(
    workload.compose === undefined ? imageHolds : ({ file }) => file === workload.compose?.dockerfile,
  );
  const runs = indicatesHaproxy(container);
  const named = configPaths(container, image);
  const configs = mountedConfigs(mounted.files, named, runs);
  for (const together of configs) {
    const template = together.find(([, { text }]) => isTemplate(text));
    if (template !== undefined) join.leftOut.push(templateAt(template[1].at));
    else addMounted(join, runner, image, mounted, together);
  }
  if (!runs) return;
  if (configs.length > 0) join.leftOut.push(...configsNotHere(runner, named, configs.flat()));
  for (const { name, at } of mounted.missing)
    join.leftOut.push({
      what: `the ConfigMap ${name} is not here`,
      why: `The files that the pods of ${workload.kind} ${workload.name} read from it are not known.`,
      severity: "note",
      at: at ?? workload.at,
    });
  for (const { folder, at } of mounted.unknown)
    join.leftOut.push({
      what: `what an init container writes into ${folder} is not known`,
      why: "Its command is not evaluated; files of the same names in this folder are used instead.",
      severity: "note",
      at,
    });
}

function addMounted(
  join: Join,
  runner: Runner,
  image: ImageBuild | undefined,
  { files: mounted }: MountedFiles,
  together: readonly [Named, ...Named[]],
): void {
  const [first, ...others] = together.map((named) => partOf(join, runner, named));
  if (first === undefined) return;
  addLayer(
    join,
    [first, ...others],
    { runBy: runner, image, from: "config-map" },
    { mounted, configPath: together[0][0] },
  );
}

/** A file that a pod mounts, read from the file of the folder that has the same text, if there is one. */
function partOf(join: Join, runner: Runner, [path, file]: Named): ConfigPart {
  const same = join.parts.files.filter(({ text }) => text.trimEnd() === file.text.trimEnd());
  const twin = same.find((one) => posix.basename(one.file) === posix.basename(path)) ?? same[0];
  for (const one of same) join.taken.add(one.file);
  if (twin !== undefined) return { config: parseHaproxyConfig(file.text, twin.file) };
  const config = parseHaproxyConfig(file.text, file.at.file, file.origin);
  join.mounted.set(posix.basename(path), { runner, config });
  return { config, written: file.at };
}

/** One file of a configuration. */
interface ConfigPart {
  readonly config: HaproxyConfig;
  /** The place where its text begins in a ConfigMap. */
  readonly written?: Position;
}

function addLayer(
  join: Join,
  parts: readonly [ConfigPart, ...ConfigPart[]],
  about: Pick<HaproxyLayer, "runBy" | "image" | "from">,
  around: {
    readonly mounted: ReadonlyMap<string, MountedFile>;
    readonly configPath?: string | undefined;
  },
): void {
  const [first, ...others] = parts;
  const config = joinConfigs([first.config, ...others.map((part) => part.config)]);
  if (config.sections.length > MAX_SECTIONS) {
    join.leftOut.push({
      what: `is not examined: it has more than ${shownLimit(MAX_SECTIONS)} sections`,
      why: "This is the limit of one configuration: no rule was applied to it, and HAProxy did not validate it.",
      severity: "error",
      at: first.written ?? placeInFile(config, { line: 1, column: 1 }),
    });
    return;
  }
  const wiring = readHaproxyWiring(config);
  const { maps, leftOut } = namedFiles(config, wiring, {
    files: join.parts.files,
    image: about.image,
    ...around,
  });
  join.leftOut.push(
    ...leftOut,
    ...parts.flatMap(({ config, written }) => faultsOf(config, written, join.linesOf)),
    ...(others.length === 0 ? [] : parts.flatMap((part) => faultsOfPart(part.config))),
  );
  join.layers.push({ config, wiring, maps, ...about });
}

function layersOfFiles(join: Join): void {
  const { parts, leftOut, taken } = join;
  const files = parts.files.filter(({ file, text, kind }) => {
    if (kind !== "haproxy" || taken.has(file)) return false;
    if (looksLikeHaproxy(text) && !isTemplate(text)) return true;
    const at = { file, line: 1, column: 1 };
    leftOut.push(looksLikeHaproxy(text) ? templateAt(at) : notALayer(at));
    return false;
  });
  for (const group of groupedFiles(files, parts.images)) addFiles(join, group);
}

function addFiles(join: Join, { files, image: built, because }: FileGroup): void {
  const { parts, layers, leftOut } = join;
  const [first, ...others] = files;
  const { file, text } = first;
  const config = parseHaproxyConfig(text, file);
  const mountedVersion = join.mounted.get(posix.basename(file));
  if (mountedVersion !== undefined && sectionsOf(mountedVersion.config) === sectionsOf(config)) {
    leftOut.push(otherVersion(file, mountedVersion));
    return;
  }
  if (because !== undefined) leftOut.push(because);
  const running = new Set(
    layers.flatMap(({ runBy, from }) => (from === "config-map" && runBy ? [runBy.container] : [])),
  );
  const configs = [
    { config },
    ...others.map((one) => ({ config: parseHaproxyConfig(one.text, one.file) })),
  ] as const;
  const whole = joinConfigs([config, ...configs.slice(1).map((one) => one.config)]);
  const found = findRunner(whole, readHaproxyWiring(whole), parts.workloads, parts.selection, running);
  leftOut.push(...found.leftOut);
  const image = built ?? imageOf(file, parts);
  const mounted =
    found.runner === undefined
      ? new Map<string, MountedFile>()
      : mountedFiles(found.runner.workload, found.runner.container, parts.configMaps, join.linesOf).files;
  const inImage = image?.copies.find(({ from }) => posix.basename(from) === posix.basename(file))?.to;
  const configPath =
    configPaths(found.runner?.container, image)[0] ??
    (inImage?.endsWith("/") ? posix.join(inImage, posix.basename(file)) : inImage);
  addLayer(
    join,
    [{ config }, ...configs.slice(1)],
    { runBy: found.runner, image, from: "file" },
    { mounted, configPath },
  );
}

function templateAt(at: Position): LeftOut {
  return {
    what: "is a template of a HAProxy configuration",
    why: "Another tool writes its values: no rule was applied to it. Check what the tool writes.",
    severity: "note",
    at: { file: at.file, line: at.line, column: at.column },
  };
}

/** Two with the same are versions of one configuration. */
function sectionsOf({ sections }: HaproxyConfig): string {
  return sections.map(({ kind, name }) => `${kind} ${name ?? ""}`).join("\n");
}

function otherVersion(
  file: string,
  { runner: { workload }, config }: { readonly runner: Runner; readonly config: HaproxyConfig },
): LeftOut {
  return {
    what: `is another version of the configuration that the pods of ${workload.kind} ${workload.name} mount`,
    why: `The pods run the one in ${config.file}. That one was checked, and this file was not.`,
    severity: "note",
    at: { file, line: 1, column: 1 },
  };
}

/** The build that copies the file; else one that contains HAProxy and copies no other configuration of this folder. */
function imageOf(file: string, { files, images }: HaproxyParts): ImageBuild | undefined {
  const others = files.filter((one) => one.file !== file && one.kind === "haproxy");
  const copies = (image: ImageBuild, name: string): boolean =>
    image.copies.some(({ from }) => posix.basename(from) === posix.basename(name));
  return (
    images.find((image) => copies(image, file)) ??
    images.find((image) => imageHolds(image) && !others.some((other) => copies(image, other.file)))
  );
}
