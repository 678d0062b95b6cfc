// Files of one configuration: as an image's command loads them, or by a folder of parts.
import { posix } from "node:path";
import type { SourceFile } from "../../source/source-file.ts";
import { loadedFromFolder } from "../haproxy/joined.ts";
import type { ImageBuild, LeftOut } from "../wiring.ts";
import { configPaths, imageHolds } from "./config-paths.ts";

export interface FileGroup {
  /** In the order in which HAProxy loads them. */
  readonly files: readonly [SourceFile, ...SourceFile[]];
  /** The image whose command names them. */
  readonly image?: ImageBuild | undefined;
  /** A note, where no command names them. */
  readonly because?: LeftOut | undefined;
}

/** Every file once. A file that is not joined with others is a group of its own. */
export function groupedFiles(
  files: readonly SourceFile[],
  images: readonly ImageBuild[],
): readonly FileGroup[] {
  const left = new Set(files);
  const groups = new Map<SourceFile, FileGroup>();
  const add = (found: readonly SourceFile[], about: Omit<FileGroup, "files">): void => {
    const [first, ...others] = found.filter((file) => left.has(file));
    if (first === undefined || others.length === 0) return;
    for (const file of [first, ...others]) left.delete(file);
    groups.set(first, { files: [first, ...others], ...about });
  };
  for (const image of images.filter(imageHolds)) add(filesOfImage(image, files), { image });
  for (const folder of new Set(files.map(({ file }) => posix.dirname(file)))) {
    const parts = partsIn(folder, files);
    const [first] = parts;
    if (first !== undefined) add(parts, { because: takenTogether(folder, first) });
  }
  return files.flatMap(
    (file) => groups.get(file) ?? (left.has(file) ? [{ files: [file] } as FileGroup] : []),
  );
}

/** The files that the image's own command loads, by where COPY puts them. */
function filesOfImage(image: ImageBuild, files: readonly SourceFile[]): readonly SourceFile[] {
  const placed = new Map<string, SourceFile>();
  for (const { from, to } of image.copies)
    for (const [path, file] of copied(posix.dirname(image.file), from, to, files)) placed.set(path, file);
  return configPaths(undefined, image).flatMap((wanted) => {
    const file = placed.get(wanted);
    if (file !== undefined) return [file];
    const inside = new Map(
      [...placed].flatMap(([path, one]) =>
        posix.dirname(path) === wanted.replace(/(?!^)\/$/, "") ? [[posix.basename(path), one] as const] : [],
      ),
    );
    return loadedFromFolder([...inside.keys()]).flatMap((name) => inside.get(name) ?? []);
  });
}

/** A file, or the files of a folder; the build's context is the folder of its Dockerfile, or one above. */
function copied(
  folder: string,
  from: string,
  to: string,
  files: readonly SourceFile[],
): readonly (readonly [path: string, file: SourceFile])[] {
  for (let context = folder; ; context = posix.dirname(context)) {
    const source = posix.join(context, from).replace(/(?!^)\/$/, "");
    const one = files.find(({ file }) => file === source);
    if (one !== undefined) return [[to.endsWith("/") ? posix.join(to, posix.basename(source)) : to, one]];
    const below = source === "." ? "" : `${source}/`;
    const inside = files.filter(({ file }) => file.startsWith(below) && !file.startsWith("../"));
    if (inside.length > 0) return inside.map((one) => [posix.join(to, one.file.slice(below.length)), one]);
    if (context === posix.dirname(context)) return [];
  }
}

/** `conf.d/`, with a `haproxy.cfg` next to it; or files that are all numbered: `00-global.cfg`, `20-app.cfg`. */
function partsIn(folder: string, files: readonly SourceFile[]): readonly SourceFile[] {
  const inside = new Map(
    files.flatMap((one) =>
      posix.dirname(one.file) === folder ? [[posix.basename(one.file), one] as const] : [],
    ),
  );
  const parts = loadedFromFolder([...inside.keys()]).flatMap((name) => inside.get(name) ?? []);
  const main = files.find(({ file }) => file === posix.join(posix.dirname(folder), "haproxy.cfg"));
  if (/^(?:conf|haproxy|cfg)\.d$/.test(posix.basename(folder)))
    return main === undefined ? parts : [main, ...parts];
  const numbered = [...inside.keys()].every((name) => /^\d+[-_.]/.test(name));
  return numbered && parts.filter(hasGlobal).length <= 1 ? parts : [];
}

function hasGlobal({ text }: SourceFile): boolean {
  return /^[ \t]*global[ \t]*(?:#.*)?\r?$/m.test(text);
}

function takenTogether(folder: string, first: SourceFile): LeftOut {
  return {
    what: `the files in ${posix.basename(folder)} are taken to be one configuration`,
    why: "No command that loads them is described here. HAProxy loads the files of a folder in the order of their names.",
    severity: "note",
    at: { file: first.file, line: 1, column: 1 },
  };
}
