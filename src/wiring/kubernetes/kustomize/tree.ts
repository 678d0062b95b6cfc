// Values of an object with the place of each, where parts of it come from different files.
import { isRecord, type Path, valueAt } from "../../../source/data.ts";
import type { Place } from "../read-documents.ts";

export interface Tree {
  /** Plain data. */
  readonly data: unknown;
  /** Where the value is written; for parts without an entry in `children` the place of everything below. */
  readonly from: Source;
  readonly children?: ReadonlyMap<string | number, Tree> | undefined;
}

interface Source {
  readonly place: Place;
  readonly path: Path;
}

export function treeOf(data: unknown, place: Place, path: Path = []): Tree {
  return { data, from: { place, path } };
}

export function childOf(tree: Tree, step: string | number): Tree | undefined {
  const known = tree.children?.get(step);
  if (known !== undefined) return known;
  const data = valueAt(tree.data, [step]);
  if (data === undefined) return undefined;
  return { data, from: { place: tree.from.place, path: [...tree.from.path, step] } };
}

export function descendant(tree: Tree, path: Path): Tree | undefined {
  return path.reduce<Tree | undefined>((at, step) => at && childOf(at, step), tree);
}

/** Of a map, in the order of its keys; of a list, in its order. */
export function childrenOf(tree: Tree): readonly (readonly [string | number, Tree])[] {
  const keys = Array.isArray(tree.data)
    ? [...tree.data.keys()]
    : Object.keys(isRecord(tree.data) ? tree.data : {});
  return keys.flatMap((key) => {
    const child = childOf(tree, key);
    return child === undefined ? [] : [[key, child] as const];
  });
}

export function mapOf(entries: readonly (readonly [string, Tree])[], like: Tree): Tree {
  return {
    data: Object.fromEntries(entries.map(([key, { data }]) => [key, data])),
    from: like.from,
    children: new Map(entries),
  };
}

export function listOf(items: readonly Tree[], like: Tree): Tree {
  return {
    data: items.map(({ data }) => data),
    from: like.from,
    children: new Map(items.map((item, index) => [index, item])),
  };
}

/** A copy with another value at a path. Missing maps on the path are added; `undefined` removes the value. Lists are not extended. */
export function withValue(tree: Tree, path: Path, value: Tree | undefined): Tree {
  const [step, ...rest] = path;
  if (step === undefined) return value ?? tree;
  if (Array.isArray(tree.data)) {
    const items = childrenOf(tree).map(([, item]) => item);
    const item = items[Number(step)];
    if (item === undefined) return tree;
    const changed = rest.length === 0 ? value : withValue(item, rest, value);
    return listOf(items.toSpliced(Number(step), 1, ...(changed === undefined ? [] : [changed])), tree);
  }
  const entries = new Map(childrenOf(tree) as readonly (readonly [string, Tree])[]);
  const key = String(step);
  const before = entries.get(key);
  if (rest.length === 0) {
    if (value === undefined) entries.delete(key);
    else entries.set(key, value);
  } else if (before !== undefined || value !== undefined) {
    const empty: Tree = { data: {}, from: value?.from ?? tree.from };
    const below = before === undefined || before.data === null ? empty : before;
    entries.set(key, withValue(below, rest, value));
  }
  return mapOf([...entries], tree);
}

export function placeIn(tree: Tree): Place {
  return (path, options) => {
    let at = tree;
    for (const [index, step] of path.entries()) {
      const child = at.children?.get(step);
      if (child === undefined) {
        if (at.children !== undefined && valueAt(at.data, [step]) === undefined) return undefined;
        const { place, path: above } = at.from;
        return place([...above, ...path.slice(index)], options);
      }
      at = child;
    }
    return at.from.place(at.from.path, options);
  };
}
