// The content of an output folder: the text of each rendered file, and files that are not rendered.
import { type Dirent, existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join, posix, resolve } from "node:path";
import type { FolderTexts } from "../check/drift/text-drift.ts";
import { LAYERS, type TextFile } from "../emit/file.ts";
import { MAX_FILE_BYTES } from "../source/limits.ts";
import { realPathInside } from "./place-inside.ts";

/** Files that Terraform writes there, and values of variables that the description does not have. */
const TERRAFORMS_OWN = /^cloud\/(\.terraform(\/|\.lock\.hcl$)|.*\.tfstate|.*\.tfvars(\.json)?$)/;

/** `files`: the files of the layers, which identify the output folder when it is below the named one. */
export function readRendered(
  cwd: string,
  folder: string,
  rendered: readonly TextFile[],
  files: readonly { readonly file: string }[],
): FolderTexts {
  const root = rootOf(
    folder,
    rendered,
    files.map(({ file }) => file),
  );
  const texts = new Map<string, string | undefined>();
  for (const { path } of rendered) {
    const file = resolve(cwd, root, path);
    if (existsSync(file)) texts.set(path, textIn(resolve(cwd, root), file));
  }
  const wanted = new Set(rendered.map(({ path }) => path));
  const extra = LAYERS.flatMap((layer) => filesBelow(resolve(cwd, root), layer)).filter(
    (path) => !wanted.has(path) && !TERRAFORMS_OWN.test(path),
  );
  return { folder: root, texts, extra };
}

/** undefined: not a regular file of the folder, or larger than any rendered file; a link may point anywhere. */
function textIn(root: string, file: string): string | undefined {
  try {
    const real = realPathInside(root, file);
    const stats = statSync(real);
    return stats.isFile() && stats.size <= MAX_FILE_BYTES ? readFileSync(real, "utf8") : undefined;
  } catch {
    return undefined;
  }
}

/** The folder itself, or the subfolder with most of the rendered files. */
function rootOf(folder: string, rendered: readonly TextFile[], files: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const { path } of rendered)
    for (const file of files)
      if (file.endsWith(`/${path}`)) {
        const root = file.slice(0, -path.length - 1);
        counts.set(root, (counts.get(root) ?? 0) + 1);
      }
  const plain = posix.join(folder.replaceAll("\\", "/"), ".").replace(/(.)\/$/, "$1");
  if (counts.has(plain)) return plain;
  const [best] = [...counts].sort(([a, x], [b, y]) => y - x || a.length - b.length || (a < b ? -1 : 1));
  return best?.[0] ?? plain;
}

function filesBelow(root: string, path: string): readonly string[] {
  let entries: Dirent[];
  try {
    entries = readdirSync(join(root, path), { withFileTypes: true });
  } catch {
    // The layer does not exist or is unreadable: readFolder reports it.
    return [];
  }
  return entries
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => {
      const own = `${path}/${entry.name}`;
      return entry.isDirectory() ? filesBelow(root, own) : [own];
    });
}
