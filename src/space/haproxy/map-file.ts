// The entries of a map or list of patterns (manual section 7.1.2 and `map`), indexed so that large files stay fast.
export interface MapEntry {
  readonly key: string;
  readonly value: string;
  /** Counted from 1. */
  readonly line: number;
}

export interface MapFile {
  readonly entries: readonly MapEntry[];
  /** Of equal keys the first. */
  readonly first: ReadonlyMap<string, MapEntry>;
  /** Keys in order, each once. */
  readonly sorted: readonly string[];
}

/** pat_ref_read_from_file_smp() in HAProxy's src/pattern.c. */
export function readMapFile(text: string): MapFile {
  return index(
    linesOf(text).map(({ text: written, line }) => {
      const [, key = "", value = ""] = /^([^ \t]*)[ \t]*(.*)$/s.exec(written) ?? [];
      return { key, value, line };
    }),
  );
}

/** pat_ref_read_from_file(): a pattern is the whole line. */
export function readPatternFile(text: string): readonly string[] {
  return linesOf(text).map((line) => line.text);
}

function linesOf(text: string): readonly { readonly text: string; readonly line: number }[] {
  return text.split("\n").flatMap((whole, index) =>
    whole
      .split("\r")
      .map((part) => ({ text: part.replace(/^[ \t]+/, ""), line: index + 1 }))
      .filter((part) => part.text !== "" && !part.text.startsWith("#")),
  );
}

function index(entries: readonly MapEntry[]): MapFile {
  const first = new Map<string, MapEntry>();
  for (const entry of entries) if (!first.has(entry.key)) first.set(entry.key, entry);
  return { entries, first, sorted: [...first.keys()].sort() };
}

/** The keys that begin with a text, in order. */
export function keysFrom({ sorted }: Pick<MapFile, "sorted">, front: string): readonly string[] {
  const from = firstNotBelow(sorted, front);
  let to = from;
  while (to < sorted.length && sorted[to]?.startsWith(front)) to += 1;
  return sorted.slice(from, to);
}

function firstNotBelow(sorted: readonly string[], text: string): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sorted[middle] ?? "") < text) low = middle + 1;
    else high = middle;
  }
  return low;
}
