// Which files differ between two folders of layers, and by how many lines.
import type { TextFile } from "../emit/file.ts";
import type { WiringFile } from "../wiring/wiring.ts";

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

/** Files of a wiring, as emitters return them. */
export function contentsOf(files: readonly WiringFile[]): readonly TextFile[] {
  return files.map(({ file, text }) => ({ path: file, content: text }));
}

/** Layers in order of appearance; files by name. */
export function compareFiles(
  before: readonly TextFile[],
  after: readonly TextFile[],
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

function byPath(files: readonly TextFile[]): ReadonlyMap<string, string> {
  return new Map(files.map(({ path, content }) => [path, content]));
}

function changeOf(path: string, old: string | undefined, now: string | undefined): FileChange | null {
  if (old === now) return null;
  return {
    path,
    change: changeKind(old !== undefined, now !== undefined),
    added: linesOnlyIn(linesOf(now), linesOf(old)).length,
    removed: linesOnlyIn(linesOf(old), linesOf(now)).length,
  };
}

/** The lines that the others lack, with repetitions; a moved line is in both. */
function linesOnlyIn(lines: readonly string[], others: readonly string[]): readonly string[] {
  const left = new Map([...Map.groupBy(others, (line) => line)].map(([line, same]) => [line, same.length]));
  return lines.filter((line) => {
    const count = left.get(line) ?? 0;
    left.set(line, count - 1);
    return count <= 0;
  });
}

function linesOf(text = ""): readonly string[] {
  return text === "" ? [] : text.replace(/\n$/, "").split("\n");
}

export function changeKind(existed: boolean, exists: boolean): FileChange["change"] {
  if (!existed) return "new";
  return exists ? "changed" : "removed";
}
