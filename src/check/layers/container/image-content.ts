// What the image of a container contains at a path, as far as its name or its Dockerfile shows.
import { posix } from "node:path";
import type { Position } from "../../../findings/finding.ts";
import { distributionOf } from "../../../wiring/image-names.ts";
import type { ImageBuild, ImageChange } from "../../../wiring/wiring.ts";
import { knownValue } from "../../../wiring/written.ts";
import {
  DISTRIBUTION,
  haproxyImageFacts,
  type ImageFacts,
  isSystemPath,
  withPackage,
} from "./image-facts.ts";

export interface ContainerImage {
  /** The name in findings: `haproxy:3.0.12`, or its Dockerfile. */
  readonly title: string;
  readonly at?: Position | undefined;
  /** The facts about its base image and packages. */
  readonly facts: ImageFacts;
  /** undefined: no Dockerfile of the folder builds it. */
  readonly build?: ImageBuild | undefined;
  /** With symbolic links followed. */
  readonly real: (path: string) => string;
}

export type ImagePath = "file" | "folder" | "missing" | "unknown";

/** undefined: the files do not show what the image contains. `name`: the image of a pod's container. */
export function containerImage(
  name: { readonly value: string; readonly at?: Position | undefined } | undefined,
  build: ImageBuild | undefined,
): ContainerImage | undefined {
  const named = name === undefined ? undefined : haproxyImageFacts(name.value);
  if (name !== undefined && named !== undefined) return imageOf(`the image ${name.value}`, name.at, named);
  const base = build && baseFacts(build);
  return build && base && imageOf(`the image of ${posix.basename(build.file)}`, build.at, base, build);
}

function imageOf(
  title: string,
  at: Position | undefined,
  facts: ImageFacts,
  build?: ImageBuild,
): ContainerImage {
  return { title, at, facts, build, real: (path) => resolved(facts, path) };
}

function baseFacts({ base, packages }: ImageBuild): ImageFacts | undefined {
  const name = knownValue(base) ?? "";
  const known = haproxyImageFacts(name);
  if (known !== undefined) return known;
  const distribution = distributionOf(name);
  if (distribution === undefined) return undefined;
  return packages.some(({ value }) => value === "haproxy")
    ? withPackage(DISTRIBUTION, distribution)
    : DISTRIBUTION;
}

function resolved({ links }: ImageFacts, path: string): string {
  const whole = posix.normalize(path);
  for (const [link, target] of links)
    if (whole === link || whole.startsWith(`${link}/`)) return target + whole.slice(link.length);
  return whole.length > 1 ? whole.replace(/\/$/, "") : whole;
}

/** `path` is absolute and contains no symbolic links. */
export function lookIntoImage({ facts, build }: ContainerImage, path: string): ImagePath {
  const copied = build === undefined ? undefined : copiedTo(build, path);
  if (copied !== undefined) return copied;
  const changed = build === undefined ? undefined : changedAt(build, path);
  if (changed !== undefined) return changed;
  if (facts.files.has(path)) return "file";
  if (facts.folders.has(path)) return "folder";
  return isSystemPath(path) ? "unknown" : "missing";
}

function copiedTo({ copies }: ImageBuild, path: string): ImagePath | undefined {
  for (const { from, to } of copies.toReversed()) {
    if (!to.startsWith("/")) return "unknown";
    const target = posix.normalize(to.endsWith("/") && mayBeFile(from) ? to + posix.basename(from) : to);
    if (target === path) return mayBeFile(from) ? "file" : "unknown";
    if (isBelow(target, path)) return "folder";
    // A file copied to a folder without a final slash, or the content of a folder.
    const folder = target === "/" ? "/" : target.replace(/\/$/, "");
    if (isBelow(path, folder) && !(mayBeFile(from) && posix.dirname(path) !== folder)) {
      if (!mayBeFile(from)) return "unknown";
      if (posix.basename(from) === posix.basename(path)) return "file";
    }
  }
  return undefined;
}

/** Only the build knows whether a name without a dot is a file or a folder. */
function mayBeFile(from: string): boolean {
  const name = posix.basename(from);
  return !from.endsWith("/") && name.includes(".") && !/^\.{1,2}$/.test(name) && !/[*?[]/.test(from);
}

function changedAt({ changes }: ImageBuild, path: string): ImagePath | undefined {
  if (changes.some((change) => isUnknownAt(change, path))) return "unknown";
  const made = changes.some(
    ({ kind, ...change }) =>
      kind === "folder" && "path" in change && (change.path === path || isBelow(change.path, path)),
  );
  return made ? "folder" : undefined;
}

function isUnknownAt(change: ImageChange, path: string): boolean {
  return change.kind === "unknown" && (change.path === path || isBelow(path, change.path));
}

/** Whether `path` is in the folder, at any depth. */
export function isBelow(path: string, folder: string): boolean {
  return path.startsWith(folder.endsWith("/") ? folder : `${folder}/`) && path !== folder;
}

/** The user that may write into a folder of the image; undefined: not known. */
export function writerOf(image: ContainerImage, folder: string): number | "anyone" | undefined {
  const { facts, build } = image;
  const changes = build?.changes ?? [];
  if (changes.some((change) => isUnknownAt(change, folder))) return undefined;
  const permissions = changes.some(
    (change) => change.kind === "permissions" && (change.path === folder || isBelow(folder, change.path)),
  );
  if (permissions) return undefined;
  const made = changes.find((change) => change.kind === "folder" && change.path === folder);
  if (made?.kind === "folder")
    return made.user === undefined ? facts.uid : uidOf(image, made.user.split(":")[0] ?? "");
  return facts.folders.get(folder);
}

/** A user's number by its name or number; undefined: not known. */
export function uidOf(image: ContainerImage, user: string): number | undefined {
  if (/^\d+$/.test(user)) return Number(user);
  const changes = image.build?.changes ?? [];
  const made = changes.findLast((change) => change.kind === "user" && change.name === user);
  if (made?.kind === "user") return made.uid;
  return image.facts.users.get(user);
}
