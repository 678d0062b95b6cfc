// What the volumes of a pod contain: keys of ConfigMaps and Secrets as files, nothing, or unknown content.

import type { Position } from "../../../findings/finding.ts";
import { isRecord, listAt, type Path, valueAt } from "../../../source/data.ts";
import type { Wiring, Workload } from "../../../wiring/wiring.ts";
import { type Stored, type StoredKind, storedBy } from "./stored-keys.ts";

export interface VolumeFile {
  readonly text?: string | undefined;
  readonly at?: Position | undefined;
  /** The object that it is a key of, and the key. */
  readonly stored?: Stored | undefined;
  readonly key?: string | undefined;
}

export interface VolumeContent {
  /** Files by path in the volume. */
  readonly files: ReadonlyMap<string, VolumeFile>;
  /** Whether it may have other files. */
  readonly more: boolean;
  /** `never`: ConfigMaps, Secrets and the like; undefined: not known. */
  readonly writable: "always" | "never" | undefined;
  /** `the ConfigMap cfg`; `emptyDir` */
  readonly title: string;
}

/** A key that a pod refers to and that its ConfigMap or Secret does not have. */
export interface MissingKey {
  readonly kind: StoredKind;
  readonly name: string;
  readonly key: string;
  readonly at: Position;
  readonly stored: Stored;
}

/** undefined: the pod has no such volume. */
export function volumeContent(wiring: Wiring, workload: Workload, name: string): VolumeContent | undefined {
  const place = volumePath(workload, name);
  if (place === undefined) return undefined;
  const raw = valueAt(workload.object.data, place);
  if (isRecord(raw) && (isRecord(raw.emptyDir) || raw.emptyDir === null)) return emptyDir(workload, name);
  const sources = sourcesOf(raw, place);
  if (sources.length === 0)
    return { files: new Map(), more: true, writable: undefined, title: `the volume ${name}` };
  const files = new Map<string, VolumeFile>();
  let more = false;
  for (const source of sources) {
    const content = filesOf(wiring, workload, source);
    for (const [path, file] of content.files) files.set(path, file);
    more ||= content.more;
  }
  return { files, more, writable: "never", title: sources.map(({ title }) => title).join(" and ") };
}

/** Keys that `items` names, of the volumes of a pod. */
export function missingVolumeKeys(wiring: Wiring, workload: Workload): readonly MissingKey[] {
  return listAt(workload.object.data, [...workload.podPath, "volumes"]).flatMap((raw, index) =>
    sourcesOf(raw, [...workload.podPath, "volumes", index]).flatMap(({ kind, name, path, optional }) => {
      if (kind === undefined || name === undefined || optional) return [];
      const found = storedBy(wiring, kind, workload.namespace, name);
      if (found === undefined || found.more) return [];
      return itemsOf(workload, path)
        .filter(({ key }) => !found.keys.has(key))
        .map(({ key, at }) => ({ kind, name, key, at, stored: found }));
    }),
  );
}

function volumePath({ object, podPath }: Workload, name: string): Path | undefined {
  const volumes = valueAt(object.data, [...podPath, "volumes"]);
  const index = Array.isArray(volumes) ? volumes.findIndex((one) => isRecord(one) && one.name === name) : -1;
  return index < 0 ? undefined : [...podPath, "volumes", index];
}

/** An empty volume at the start of the pod; another container that mounts it may write files. */
function emptyDir({ containers, initContainers }: Workload, name: string): VolumeContent {
  const users = [...containers, ...initContainers].filter(({ mounts }) =>
    mounts.some((mount) => mount.volume === name),
  );
  return {
    files: new Map(),
    more: users.length > 1,
    writable: "always",
    title: `the emptyDir ${name}`,
  };
}

interface Source {
  /** undefined: its content is not an object of Kubernetes. */
  readonly kind?: StoredKind | undefined;
  readonly name?: string | undefined;
  readonly optional: boolean;
  readonly path: Path;
  readonly title: string;
}

function sourcesOf(raw: unknown, path: Path): readonly Source[] {
  if (!isRecord(raw)) return [];
  const projected = valueAt(raw, ["projected", "sources"]);
  if (Array.isArray(projected))
    return projected.flatMap((source, index) =>
      sourceIn(source, [...path, "projected", "sources", index], "name"),
    );
  return sourceIn(raw, path, "secretName");
}

function sourceIn(raw: unknown, path: Path, secretName: string): readonly Source[] {
  for (const [field, kind, nameField] of [
    ["configMap", "ConfigMap", "name"],
    ["secret", "Secret", secretName],
  ] as const) {
    const source = valueAt(raw, [field]);
    if (!isRecord(source)) continue;
    const name = source[nameField];
    return [
      {
        kind,
        name: typeof name === "string" ? name : undefined,
        optional: source.optional === true,
        path: [...path, field],
        title: `the ${kind} ${String(name)}`,
      },
    ];
  }
  for (const field of ["downwardAPI", "serviceAccountToken", "clusterTrustBundle"])
    if (isRecord(valueAt(raw, [field]))) return [{ optional: false, path: [...path, field], title: field }];
  return [];
}

function filesOf(
  wiring: Wiring,
  workload: Workload,
  { kind, name, path }: Source,
): Pick<VolumeContent, "files" | "more"> {
  if (kind === undefined || name === undefined) return { files: new Map(), more: true };
  const found = storedBy(wiring, kind, workload.namespace, name);
  const items = itemsOf(workload, path);
  const listed = Array.isArray(valueAt(workload.object.data, [...path, "items"]));
  if (listed)
    return {
      // A key that the object lacks keeps the pod from starting: that is another fault.
      files: new Map(
        items.map(
          (item) => [item.path, { ...found?.keys.get(item.key), stored: found, key: item.key }] as const,
        ),
      ),
      more: false,
    };
  if (found === undefined) return { files: new Map(), more: true };
  return {
    files: new Map([...found.keys].map(([key, value]) => [key, { ...value, stored: found, key }] as const)),
    more: found.more,
  };
}

function itemsOf(
  { object }: Workload,
  path: Path,
): readonly { readonly key: string; readonly path: string; readonly at: Position }[] {
  return listAt(object.data, [...path, "items"]).flatMap((item, index) =>
    isRecord(item) && typeof item.key === "string" && typeof item.path === "string"
      ? [
          {
            key: item.key,
            path: item.path,
            at: object.place([...path, "items", index, "key"]) ?? object.at,
          },
        ]
      : [],
  );
}
