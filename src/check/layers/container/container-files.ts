// Finds what is at a path in the container of an HAProxy: in its mounts, then in its image.
import { posix } from "node:path";
import type { Position } from "../../../findings/finding.ts";
import { type MountedFile, mountedFiles } from "../../../wiring/join/mounted-files.ts";
import type { Mount, Wiring } from "../../../wiring/wiring.ts";
import { memoized } from "../memoized.ts";
import { isBelow, lookIntoImage } from "./image-content.ts";
import type { HaproxyProcess } from "./process.ts";
import { type VolumeContent, type VolumeFile, volumeContent } from "./volumes.ts";

export type Presence =
  | { readonly kind: "file"; readonly file: VolumeFile }
  /** `files` by path in the folder; undefined: not all of them are known. */
  | { readonly kind: "folder"; readonly files?: ReadonlyMap<string, VolumeFile> | undefined }
  | { readonly kind: "missing"; readonly because: string; readonly at?: Position | undefined }
  | { readonly kind: "unknown" };

export interface ContainerFiles {
  readonly at: (path: string) => Presence;
  /** The mount at a path or above it. */
  readonly mountOf: (path: string) => MountedVolume | undefined;
  /** Every file of the mounts that is known, by its path. */
  readonly mounted: () => ReadonlyMap<string, VolumeFile>;
  /** The path after following the image's links. */
  readonly real: (path: string) => string;
}

export interface MountedVolume {
  readonly mount: Mount;
  readonly path: string;
  readonly content: VolumeContent;
}

const byProcess = memoized((wiring: Wiring) =>
  memoized((process: HaproxyProcess) => containerFilesOf(wiring, process)),
);

export function containerFiles(wiring: Wiring, process: HaproxyProcess): ContainerFiles {
  return byProcess(wiring)(process);
}

function containerFilesOf(wiring: Wiring, { pod, image }: HaproxyProcess): ContainerFiles {
  const real = image?.real ?? posix.normalize;
  const volumes = pod === undefined ? [] : mountedVolumes(wiring, pod, real);
  // Files that an init container joins from ConfigMaps are among these.
  const texts: ReadonlyMap<string, MountedFile> =
    pod === undefined
      ? new Map()
      : mountedFiles(pod.workload, pod.container, wiring.configMaps, () => []).files;
  const mountOf = (path: string): MountedVolume | undefined =>
    volumes.find((one) => one.path === path || isBelow(path, one.path));
  const inImage = (path: string): Presence => {
    if (image === undefined) return { kind: "unknown" };
    const found = lookIntoImage(image, path);
    if (found === "file") return { kind: "file", file: {} };
    return found === "missing"
      ? { kind: "missing", because: `${image.title} does not have it, and no volume is mounted there` }
      : { kind: found };
  };
  return {
    real,
    mountOf,
    mounted: () =>
      new Map([
        ...volumes.flatMap((volume) => [...filesIn(volume)]),
        ...[...texts].map(([path, { text, at }]) => [real(path), { text, at }] as const),
      ]),
    at(written) {
      const path = real(written);
      const text = texts.get(written) ?? texts.get(path);
      if (text !== undefined) return { kind: "file", file: { text: text.text, at: text.at } };
      const volume = mountOf(path);
      if (volume !== undefined) return inVolume(volume, path);
      return volumes.some((one) => isBelow(one.path, path)) ? { kind: "folder" } : inImage(path);
    },
  };
}

/** The deepest mount first: it hides the content of other mounts at its path. */
function mountedVolumes(
  wiring: Wiring,
  { workload, container }: NonNullable<HaproxyProcess["pod"]>,
  real: (path: string) => string,
): readonly MountedVolume[] {
  return container.mounts
    .flatMap((mount): readonly MountedVolume[] => {
      const content = volumeContent(wiring, workload, mount.volume);
      return content === undefined ? [] : [{ mount, path: withoutSlash(real(mount.path)), content }];
    })
    .toSorted((a, b) => b.path.length - a.path.length);
}

function withoutSlash(path: string): string {
  return path.length > 1 ? path.replace(/\/$/, "") : path;
}

function filesIn({ mount, path, content }: MountedVolume): readonly (readonly [string, VolumeFile])[] {
  const { subPath } = mount;
  return [...content.files].flatMap(([name, file]) => {
    if (subPath === undefined) return [[posix.join(path, name), file] as const];
    if (name === subPath) return [[path, file] as const];
    return name.startsWith(`${subPath}/`)
      ? [[posix.join(path, name.slice(subPath.length + 1)), file] as const]
      : [];
  });
}

function inVolume({ mount, path: mountPath, content }: MountedVolume, path: string): Presence {
  if (mount.variable) return { kind: "unknown" };
  const below = path === mountPath ? "" : path.slice(mountPath.length + (mountPath === "/" ? 0 : 1));
  const wanted = posix.join(mount.subPath ?? "", below).replace(/\/$/, "");
  const file = content.files.get(wanted);
  if (file !== undefined) return { kind: "file", file };
  const prefix = wanted === "" || wanted === "." ? "" : `${wanted}/`;
  const inside = [...content.files].flatMap(([name, one]) =>
    name.startsWith(prefix) ? [[name.slice(prefix.length), one] as const] : [],
  );
  if (inside.length > 0 || prefix === "")
    return { kind: "folder", files: content.more ? undefined : new Map(inside) };
  if (content.more) return { kind: "unknown" };
  const has = [...content.files.keys()];
  return {
    kind: "missing",
    because:
      mount.subPath !== undefined && below === ""
        ? `${content.title} has no \`${mount.subPath}\`, and Kubernetes mounts an empty folder instead`
        : `${content.title} is mounted at ${mountPath} and has ${has.length === 0 ? "no file" : `only ${listed(has)}`}`,
    at: mount.at,
  };
}

function listed(names: readonly string[]): string {
  const shown = names.slice(0, 3).map((name) => `\`${name}\``);
  return `${shown.join(", ")}${names.length > 3 ? ` and ${names.length - 3} more` : ""}`;
}
