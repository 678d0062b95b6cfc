// Which files differ between two folders of layers, and by how many lines.

export interface FileChange {
  readonly path: string;
  readonly change: "new" | "removed" | "changed";
  /** Lines that only the later file has, and that only the earlier one has. */
  readonly added: number;
  readonly removed: number;
}

export interface LayerChange {
  /** The first folder of the path: `haproxy`, `kubernetes` …; `.` for files without one. */
  readonly layer: string;
  /** Empty: unchanged. */
  readonly files: readonly FileChange[];
}

export function isUnchanged(layers: readonly LayerChange[]): boolean {
  return layers.every(({ files }) => files.length === 0);
}

interface NamedFile {
  readonly path: string;
  readonly content: string;
}

/** Layers in order of appearance; files by name. */
export function compareFiles(
  before: readonly NamedFile[],
  after: readonly NamedFile[],
): readonly LayerChange[] {
  const [old, now] = [byPath(before), byPath(after)];
  const layers = new Map<string, FileChange[]>();
  for (const path of new Set([...now.keys(), ...old.keys()])) {
    const layer = path.includes("/") ? (path.split("/")[0] ?? ".") : ".";
    const changes = layers.get(layer) ?? [];
    layers.set(layer, changes);
    const change = changeOf(path, old.get(path), now.get(path));
    if (change !== null) changes.push(change);
  }
  return [...layers].map(([layer, files]) => ({
    layer,
    files: files.sort((a, b) => (a.path < b.path ? -1 : 1)),
  }));
}

function byPath(files: readonly NamedFile[]): ReadonlyMap<string, string> {
  return new Map(files.map(({ path, content }) => [path, content]));
}

function changeOf(path: string, old: string | undefined, now: string | undefined): FileChange | null {
  if (old === now) return null;
  return {
    path,
    change: changeKind(old !== undefined, now !== undefined),
    added: linesOnlyIn(now ?? "", old ?? ""),
    removed: linesOnlyIn(old ?? "", now ?? ""),
  };
}

/** A moved line is in both, and does not count. */
function linesOnlyIn(text: string, other: string): number {
  const counts = new Map<string, number>();
  for (const line of linesOf(other)) counts.set(line, (counts.get(line) ?? 0) + 1);
  let only = 0;
  for (const line of linesOf(text)) {
    const count = counts.get(line) ?? 0;
    if (count === 0) only += 1;
    else counts.set(line, count - 1);
  }
  return only;
}

function linesOf(text: string): readonly string[] {
  return text === "" ? [] : text.replace(/\n$/, "").split("\n");
}

export function changeKind(existed: boolean, exists: boolean): FileChange["change"] {
  if (!existed) return "new";
  return exists ? "changed" : "removed";
}
