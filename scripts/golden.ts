// Rewrites the files of every golden case, and removes obsolete ones. Read the diff before you commit it.
import { mkdirSync, readdirSync, readFileSync, rmdirSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join, relative, resolve } from "node:path";
import { DESCRIPTION, goldenCase } from "../test/golden-files.ts";
import { FILES_BY_LEAF, filesByLeaf, filesByLeafText, renderedLeaves } from "../test/plan/schema-leaves.ts";

const root = resolve(import.meta.dirname, "../test/golden");
let changes = 0;

for (const name of readdirSync(root).sort()) {
  const folder = join(root, name);
  const { files } = await goldenCase(folder);
  for (const path of filesBelow(folder)) {
    if (path !== DESCRIPTION && !files.has(path)) change("removed", folder, path, (file) => rmSync(file));
  }
  for (const [path, content] of files) {
    if (contentOf(join(folder, path)) !== content)
      change("written", folder, path, (file) => write(file, content));
  }
  removeEmptyFolders(folder);
}
const byLeaf = filesByLeafText(filesByLeaf(renderedLeaves()));
if (contentOf(FILES_BY_LEAF) !== byLeaf)
  change("written", dirname(FILES_BY_LEAF), basename(FILES_BY_LEAF), (file) => write(file, byLeaf));
console.log(changes === 0 ? "nothing changed" : `${changes} files; read the diff`);

function change(how: string, folder: string, path: string, apply: (file: string) => void): void {
  apply(join(folder, path));
  changes += 1;
  console.log(`${how}  ${relative(process.cwd(), join(folder, path))}`);
}

function write(file: string, content: string): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, content);
}

function filesBelow(folder: string): readonly string[] {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)));
}

function contentOf(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return undefined;
  }
}

function removeEmptyFolders(folder: string): void {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (!entry.isDirectory()) continue;
    removeEmptyFolders(join(folder, entry.name));
    if (readdirSync(join(folder, entry.name)).length === 0) rmdirSync(join(folder, entry.name));
  }
}
