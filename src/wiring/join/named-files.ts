// The maps, lists and bodies that a configuration names, resolved like in the container that runs it.
import { posix } from "node:path";
import type { SourceFile } from "../../source/source-file.ts";
import type { HaproxyConfig } from "../haproxy/config.ts";
import type { FileRole } from "../haproxy/files.ts";
import type { HaproxyWiring } from "../haproxy/wiring.ts";
import type { ImageBuild, LeftOut, WiringFile } from "../wiring.ts";
import type { MountedFile } from "./mounted-files.ts";

/** Texts that configure HAProxy; keys and certificates are not read. */
export const READ_ROLES: ReadonlySet<FileRole> = new Set([
  "body",
  "certificate-list",
  "error-page",
  "filter",
  "lua",
  "map",
  "patterns",
]);

export interface NamedFiles {
  readonly maps: ReadonlyMap<string, WiringFile>;
  readonly leftOut: readonly LeftOut[];
}

export interface Surroundings {
  readonly files: readonly SourceFile[];
  readonly mounted: ReadonlyMap<string, MountedFile>;
  readonly image?: ImageBuild | undefined;
  /** Where the container has the configuration; undefined: not known. */
  readonly configPath?: string | undefined;
}

export function namedFiles(config: HaproxyConfig, wiring: HaproxyWiring, around: Surroundings): NamedFiles {
  const maps = new Map<string, WiringFile>();
  const leftOut: LeftOut[] = [];
  const looked = new Set<string>();
  for (const { role, path, at } of wiring.files) {
    if (!READ_ROLES.has(role) || looked.has(path)) continue;
    looked.add(path);
    const found = findFile(path, config, around);
    if (found !== undefined) maps.set(path, found);
    else if (role === "map" || role === "patterns")
      leftOut.push({
        what: `${path} is not here`,
        why: `The entries of this ${role === "map" ? "map" : "list"} are not known, nor how HAProxy uses them.`,
        severity: "note",
        at,
      });
  }
  return { maps, leftOut };
}

function findFile(path: string, config: HaproxyConfig, around: Surroundings): WiringFile | undefined {
  const inside = pathInside(path, config, around.configPath);
  const mounted = inside === undefined ? undefined : around.mounted.get(inside);
  if (mounted !== undefined) {
    const name = posix.basename(path);
    const same = around.files.find(
      ({ file, text }) => text === mounted.text && posix.basename(file) === name,
    );
    return { file: same?.file ?? mounted.at.file, kind: "haproxy-map", text: mounted.text };
  }
  const copied = inside === undefined ? undefined : copiedFile(inside, around);
  const found = copied ?? nextToConfig(path, config, around) ?? onlyOne(posix.basename(path), around.files);
  return found && { file: found.file, kind: "haproxy-map", text: found.text };
}

/** The path in the container. Relative ones are resolved by `default-path` (manual 3.2, section 3.1), from HAProxy's own folder by default. */
function pathInside(path: string, config: HaproxyConfig, configPath: string | undefined): string | undefined {
  if (path.startsWith("/")) return posix.normalize(path);
  const words = config.lines.find(({ tokens }) => tokens[0]?.value === "default-path")?.tokens;
  const mode = words?.[1]?.value;
  const origin = words?.[2]?.value;
  if (mode === "origin" && origin !== undefined) return posix.join(origin, path);
  if (configPath === undefined) return undefined;
  const folder = posix.dirname(configPath);
  return posix.join(mode === "parent" ? posix.dirname(folder) : folder, path);
}

/** The file that the image's build copies to that path, by its name in the folder. */
function copiedFile(inside: string, { image, files }: Surroundings): SourceFile | undefined {
  for (const { from, to } of image?.copies.toReversed() ?? []) {
    const name = posix.basename(from);
    const target = posix.normalize(to);
    if (target === inside || posix.join(target, name) === inside) return namedLike(from, files);
    const rest = inside.startsWith(`${target.replace(/\/$/, "")}/`)
      ? inside.slice(target.replace(/\/$/, "").length + 1)
      : undefined;
    const found = rest === undefined ? undefined : namedLike(posix.join(from, rest), files);
    if (found !== undefined) return found;
  }
  return undefined;
}

function nextToConfig(path: string, config: HaproxyConfig, { files }: Surroundings): SourceFile | undefined {
  const folder = posix.dirname(config.file);
  for (const candidate of pathsBeside(path).map((one) => posix.join(folder, one))) {
    const found = files.find(({ file }) => file === candidate);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Where a file may be below the configuration's folder, the longest end of its path first: `maps/a.map`, `a.map`. */
export function pathsBeside(path: string): readonly string[] {
  const parts = posix
    .normalize(path)
    .split("/")
    .filter((part) => part !== "");
  return parts.map((_, index) => parts.slice(index).join("/")).filter((one) => !one.startsWith(".."));
}

function namedLike(path: string, files: readonly SourceFile[]): SourceFile | undefined {
  const wanted = posix.normalize(path).replace(/^\.?\//, "");
  return files.find(({ file }) => file === wanted || file.endsWith(`/${wanted}`));
}

function onlyOne(name: string, files: readonly SourceFile[]): SourceFile | undefined {
  const found = files.filter(({ file }) => posix.basename(file) === name);
  return found.length === 1 ? found[0] : undefined;
}
