// Files of a container from ConfigMaps: by mounts, and by an init container that joins parts.
import { posix } from "node:path";
import type { Position } from "../../findings/finding.ts";
import { isRecord, valueAt } from "../../source/data.ts";
import type { TextOrigin } from "../haproxy/config.ts";
import { originOf } from "../kubernetes/config-map.ts";
import type { ConfigMap, Container, Mount, Workload } from "../wiring.ts";

export interface MountedFile {
  readonly text: string;
  /** Of the text, in the ConfigMap it comes from. */
  readonly at: Position;
  readonly origin: TextOrigin;
}

export interface MountedFiles {
  /** By absolute path. */
  readonly files: ReadonlyMap<string, MountedFile>;
  /** ConfigMaps that are mounted and not described here. */
  readonly missing: readonly { readonly name: string; readonly at?: Position | undefined }[];
  /** Folders that an init container fills with unknown content. */
  readonly unknown: readonly { readonly folder: string; readonly at: Position }[];
}

/** `linesOf`: the lines of a file, to find a block of YAML in it. */
export function mountedFiles(
  workload: Workload,
  container: Container,
  configMaps: readonly ConfigMap[],
  linesOf: (file: string) => readonly string[],
): MountedFiles {
  const view: View = { workload, configMaps, linesOf, missing: [] };
  const files = new Map<string, MountedFile>(container.bound);
  const unknown: { folder: string; at: Position }[] = [];
  for (const mount of container.mounts) {
    const entries = entriesOf(view, mount.volume) ?? joinedEntries(view, mount.volume);
    if (entries === "unknown") unknown.push({ folder: mount.path, at: mount.at });
    else for (const [path, file] of entries) place(files, mount, path, file);
  }
  return { files, missing: view.missing, unknown };
}

type Entries = ReadonlyMap<string, MountedFile>;

interface View {
  readonly workload: Workload;
  readonly configMaps: readonly ConfigMap[];
  readonly linesOf: (file: string) => readonly string[];
  readonly missing: { name: string; at?: Position | undefined }[];
}

function place(files: Map<string, MountedFile>, mount: Mount, path: string, file: MountedFile): void {
  if (mount.subPath === undefined) files.set(posix.join(mount.path, path), file);
  else if (path === mount.subPath) files.set(posix.normalize(mount.path), file);
  else if (path.startsWith(`${mount.subPath}/`))
    files.set(posix.join(mount.path, path.slice(mount.subPath.length + 1)), file);
}

/** By path below the volume; undefined for a volume that is empty when the pod starts. */
function entriesOf(view: View, name: string): Entries | undefined {
  const raw = rawVolume(view.workload, name);
  const entries = new Map<string, MountedFile>();
  if (!isRecord(raw)) return entries;
  if (isRecord(raw.emptyDir) || raw.emptyDir === null) return undefined;
  const projected = isRecord(raw.projected) ? raw.projected.sources : undefined;
  const sources: readonly unknown[] = [
    raw.configMap,
    ...(Array.isArray(projected)
      ? projected.map((source) => (isRecord(source) ? source.configMap : undefined))
      : []),
  ];
  for (const source of sources) {
    if (!isRecord(source) || typeof source.name !== "string") continue;
    for (const [path, file] of entriesOfConfigMap(view, source.name, source.items, name))
      entries.set(path, file);
  }
  return entries;
}

function rawVolume({ object, podPath }: Workload, name: string): unknown {
  const volumes = valueAt(object.data, [...podPath, "volumes"]);
  return Array.isArray(volumes)
    ? volumes.find((volume) => isRecord(volume) && volume.name === name)
    : undefined;
}

function entriesOfConfigMap(view: View, name: string, items: unknown, volume: string): Entries {
  const { workload } = view;
  const map = view.configMaps.find((one) => one.name === name && one.namespace === workload.namespace);
  if (map === undefined) {
    view.missing.push({ name, at: workload.volumes.find((one) => one.name === volume)?.at });
    return new Map();
  }
  const paths: readonly (readonly [string, string])[] = Array.isArray(items)
    ? items.flatMap((item) =>
        isRecord(item) && typeof item.key === "string" && typeof item.path === "string"
          ? [[item.path, item.key] as const]
          : [],
      )
    : [...map.data.keys()].map((key) => [key, key] as const);
  return new Map(
    paths.flatMap(([path, key]) => {
      const found = map.data.get(key);
      return found === undefined
        ? []
        : [[path, { ...found, origin: originOf(found, view.linesOf(found.at.file)) }] as const];
    }),
  );
}

/**
 * A volume that an init container fills: known where it joins files that were cut because a ConfigMap holds 1 MiB at most, as the
 * layers that Portico renders do (`whole/` as they are, `parts/NAME/*` behind each other).
 */
function joinedEntries(view: View, volume: string): Entries | "unknown" {
  const { initContainers, containers } = view.workload;
  const sidecars = containers.filter(({ path }) => path.includes("initContainers"));
  const filler = [...initContainers, ...sidecars].find(({ mounts }) =>
    mounts.some((mount) => mount.volume === volume),
  );
  if (filler === undefined) return new Map();
  const words = [...(filler.command?.value ?? []), ...(filler.args?.value ?? [])].join("\n");
  const source = /^cp -RLf (\S+)\/whole\/\. \S+$/m.exec(words)?.[1];
  if (source === undefined || !words.includes(`${source}/parts/*`)) return "unknown";
  const seen = new Map<string, MountedFile>();
  for (const mount of filler.mounts)
    for (const [path, file] of entriesOf(view, mount.volume) ?? []) place(seen, mount, path, file);
  return joined(seen, source);
}

function joined(seen: Entries, source: string): Entries {
  const entries = new Map<string, MountedFile>();
  const parts = new Map<string, MountedFile[]>();
  for (const [path, file] of [...seen].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const whole = below(path, `${source}/whole/`);
    if (whole !== undefined) entries.set(whole, file);
    const part = below(path, `${source}/parts/`)?.split("/")[0];
    if (part !== undefined) parts.set(part, [...(parts.get(part) ?? []), file]);
  }
  for (const [name, files] of parts) {
    const at = files[0]?.at;
    if (at === undefined) continue;
    const text = files.map((file) => file.text).join("");
    entries.set(name, { text, at, origin: { lines: 0, columns: 0, at } });
  }
  return entries;
}

function below(path: string, folder: string): string | undefined {
  return path.startsWith(folder) ? path.slice(folder.length) : undefined;
}
