// A part of the space with one value: a set of classes in each of some dimensions.
import { type ClassRuns, unionOf } from "./class-runs.ts";
import { type Branch, type Node, runAt } from "./diagram.ts";

export interface Cube<T> {
  readonly value: T;
  /** By dimension, in ascending order; every class of the others. */
  readonly sets: ReadonlyMap<number, ClassRuns>;
}

/** A child and all classes that lead to it. */
export interface Edge<T> {
  readonly child: Node<T>;
  readonly classes: ClassRuns;
}

/** In order of the first class. */
export function edgesOf<T>(branch: Branch<T>, within: ClassRuns): readonly Edge<T>[] {
  const byChild = new Map<Node<T>, number[]>();
  const { starts, children } = branch;
  for (let at = 0; at < within.length; at += 2) {
    const [from, to] = [within[at] ?? 0, within[at + 1] ?? 0];
    for (let run = runAt(branch, from); run < starts.length && (starts[run] ?? 0) < to; run++) {
      const child = children[run];
      if (child === undefined) continue;
      const bounds = byChild.get(child) ?? [];
      byChild.set(child, bounds);
      bounds.push(Math.max(starts[run] ?? 0, from), Math.min(starts[run + 1] ?? to, to));
    }
  }
  return [...byChild].map(([child, bounds]) => ({ child, classes: Uint32Array.from(bounds) }));
}

export function allClasses(count: number): ClassRuns {
  return Uint32Array.of(0, count);
}

/** Disjoint cubes that make up the part of a diagram with wanted values; not more than `most`. */
export function cubesOf<T>(
  root: Node<T>,
  counts: readonly number[],
  wanted: (value: T) => boolean,
  most: number,
): { readonly cubes: readonly Cube<T>[]; readonly all: boolean } {
  const leads = leadsTo(root, wanted);
  const cubes: Cube<T>[] = [];
  let all = true;
  const visit = (node: Node<T>, sets: readonly (readonly [number, ClassRuns])[]): void => {
    if (!leads(node)) return;
    if (cubes.length === most) {
      all = false;
      return;
    }
    if (node.kind === "terminal") {
      cubes.push({ value: node.value, sets: new Map(sets) });
      return;
    }
    for (const { child, classes } of edgesOf(node, allClasses(counts[node.dimension] ?? 0)))
      visit(child, [...sets, [node.dimension, classes]]);
  };
  visit(root, []);
  return { cubes, all };
}

/** Whether a wanted value is below a node. */
function leadsTo<T>(root: Node<T>, wanted: (value: T) => boolean): (node: Node<T>) => boolean {
  const known = new Map<Node<T>, boolean>();
  const visit = (node: Node<T>): boolean => {
    const found = known.get(node);
    if (found !== undefined) return found;
    const leads = node.kind === "terminal" ? wanted(node.value) : node.children.map(visit).includes(true);
    known.set(node, leads);
    return leads;
  };
  visit(root);
  return visit;
}

/** Cubes that differ in one dimension only become one. `keyOf`: cubes of the same key have the same value. */
export function mergedCubes<T>(cubes: readonly Cube<T>[], keyOf: (value: T) => string): readonly Cube<T>[] {
  const dimensions = [...new Set(cubes.flatMap(({ sets }) => [...sets.keys()]))].sort((a, b) => b - a);
  let merged = cubes;
  for (const dimension of dimensions) merged = mergedAt(merged, dimension, keyOf);
  return merged;
}

function mergedAt<T>(
  cubes: readonly Cube<T>[],
  dimension: number,
  keyOf: (value: T) => string,
): readonly Cube<T>[] {
  const groups = new Map<string, Cube<T>[]>();
  for (const cube of cubes) {
    const others = [...cube.sets].filter(([other]) => other !== dimension);
    const key = `${keyOf(cube.value)}\n${others.map(([other, runs]) => `${other}:${runs.join()}`).join(";")}`;
    groups.set(key, [...(groups.get(key) ?? []), cube]);
  }
  return [...groups.values()].map((group) => unitedAt(group, dimension));
}

function unitedAt<T>(group: readonly Cube<T>[], dimension: number): Cube<T> {
  const [first] = group as readonly [Cube<T>];
  if (group.length === 1) return first;
  const parts = group.flatMap(({ sets }) => sets.get(dimension) ?? []);
  const sets = new Map(first.sets);
  // One without a set has every class.
  if (parts.length < group.length) sets.delete(dimension);
  else sets.set(dimension, unionOf(parts));
  return { value: first.value, sets };
}

/** Each value of another diagram in a cube, once; not more than `most`. */
export function valuesIn<T>(
  root: Node<T>,
  { sets }: Cube<unknown>,
  most = Number.POSITIVE_INFINITY,
): readonly T[] {
  const values = new Set<T>();
  const seen = new Set<Node<T>>();
  const visit = (node: Node<T>): void => {
    if (seen.has(node) || values.size === most) return;
    seen.add(node);
    if (node.kind === "terminal") {
      values.add(node.value);
      return;
    }
    const within = sets.get(node.dimension);
    const children = within === undefined ? node.children : edgesOf(node, within).map(({ child }) => child);
    children.forEach(visit);
  };
  visit(root);
  return [...values];
}
