// Sets of classes as runs in ascending order: from, to (not included), from, to, ….

export type ClassRuns = Uint32Array;

export function runsOf(classes: Iterable<number>): ClassRuns {
  const runs: number[] = [];
  for (const one of [...new Set(classes)].sort((a, b) => a - b)) {
    if (runs.at(-1) === one) runs[runs.length - 1] = one + 1;
    else runs.push(one, one + 1);
  }
  return Uint32Array.from(runs);
}

export function hasClass(runs: ClassRuns, wanted: number): boolean {
  let low = 0;
  let high = runs.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((runs[middle] ?? 0) <= wanted) low = middle + 1;
    else high = middle;
  }
  return low % 2 === 1;
}

/** The number of classes. */
export function sizeOf(runs: ClassRuns): number {
  let size = 0;
  for (let at = 0; at < runs.length; at += 2) size += (runs[at + 1] ?? 0) - (runs[at] ?? 0);
  return size;
}

export function complementOf(runs: ClassRuns, count: number): ClassRuns {
  const bounds = runs[0] === 0 ? [...runs.subarray(1)] : [0, ...runs];
  if (bounds.at(-1) === count) bounds.pop();
  else bounds.push(count);
  return Uint32Array.from(bounds);
}

export function intersectionOf(a: ClassRuns, b: ClassRuns): ClassRuns {
  const runs: number[] = [];
  let [i, j] = [0, 0];
  while (i < a.length && j < b.length) {
    const from = Math.max(a[i] ?? 0, b[j] ?? 0);
    const [endA, endB] = [a[i + 1] ?? 0, b[j + 1] ?? 0];
    const to = Math.min(endA, endB);
    if (from < to) runs.push(from, to);
    if (endA <= endB) i += 2;
    if (endB <= endA) j += 2;
  }
  return Uint32Array.from(runs);
}

/** The classes in `a` that are not in `b`. */
export function differenceOf(a: ClassRuns, b: ClassRuns): ClassRuns {
  const runs: number[] = [];
  let j = 0;
  for (let i = 0; i < a.length; i += 2) {
    const end = a[i + 1] ?? 0;
    let from = a[i] ?? 0;
    while (j < b.length && (b[j + 1] ?? 0) <= from) j += 2;
    for (let k = j; k < b.length && (b[k] ?? 0) < end; k += 2) {
      if (from < (b[k] ?? 0)) runs.push(from, b[k] ?? 0);
      from = b[k + 1] ?? 0;
    }
    if (from < end) runs.push(from, end);
  }
  return Uint32Array.from(runs);
}

export function unionOf(sets: readonly ClassRuns[]): ClassRuns {
  const all = sets.flatMap((runs) =>
    Array.from(
      { length: runs.length / 2 },
      (_, run) => [runs[2 * run] ?? 0, runs[2 * run + 1] ?? 0] as const,
    ),
  );
  all.sort(([a], [b]) => a - b);
  const joined: number[] = [];
  for (const [from, to] of all) {
    const last = joined.length - 1;
    if (last > 0 && from <= (joined[last] ?? 0)) joined[last] = Math.max(joined[last] ?? 0, to);
    else joined.push(from, to);
  }
  return Uint32Array.from(joined);
}

/** Whether a class is in both. */
export function overlap(a: ClassRuns, b: ClassRuns): boolean {
  let [i, j] = [0, 0];
  while (i < a.length && j < b.length) {
    const [endA, endB] = [a[i + 1] ?? 0, b[j + 1] ?? 0];
    if (endA <= (b[j] ?? 0)) i += 2;
    else if (endB <= (a[i] ?? 0)) j += 2;
    else return true;
  }
  return false;
}

export function isSubset(a: ClassRuns, b: ClassRuns): boolean {
  let j = 0;
  for (let i = 0; i < a.length; i += 2) {
    while (j < b.length && (b[j + 1] ?? 0) <= (a[i] ?? 0)) j += 2;
    if (j >= b.length || (a[i] ?? 0) < (b[j] ?? 0) || (b[j + 1] ?? 0) < (a[i + 1] ?? 0)) return false;
  }
  return true;
}

export function sameClasses(a: ClassRuns, b: ClassRuns): boolean {
  return a.length === b.length && a.every((bound, index) => bound === b[index]);
}
