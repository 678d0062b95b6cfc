// Decision diagrams over the classes of dimensions. Equal diagrams are one object: `===` proves that two outcomes are the same for all requests.
import type { Budget } from "./budget.ts";

export type Node<T> = Terminal<T> | Branch<T>;

export interface Terminal<T> {
  readonly kind: "terminal";
  readonly id: number;
  readonly value: T;
}

export interface Branch<T> {
  readonly kind: "branch";
  readonly id: number;
  /** Smaller than that of any branch below. */
  readonly dimension: number;
  /** The first class of each run; ascending, the first is 0. Neighbours have different children. */
  readonly starts: readonly number[];
  readonly children: readonly Node<T>[];
}

/** Makes the nodes of diagrams that are compared with each other. `keyOf`: terminals with the same key are one. */
export class Diagrams<T> {
  readonly #terminals = new Map<unknown, Terminal<T>>();
  /** By hash. */
  readonly #branches = new Map<number, Branch<T>[]>();
  #count = 0;
  readonly #keyOf: (value: T) => unknown;
  readonly #budget: Budget;

  constructor(budget: Budget, keyOf: (value: T) => unknown = (value) => value) {
    this.#budget = budget;
    this.#keyOf = keyOf;
  }

  terminal(value: T): Terminal<T> {
    const key = this.#keyOf(value);
    const known = this.#terminals.get(key);
    if (known !== undefined) return known;
    const made: Terminal<T> = { kind: "terminal", id: this.#count++, value };
    this.#terminals.set(key, made);
    return made;
  }

  /** Runs in ascending order; neighbours with the same child become one. */
  branch(dimension: number, runs: readonly (readonly [start: number, child: Node<T>])[]): Node<T> {
    const starts: number[] = [];
    const children: Node<T>[] = [];
    for (const [start, child] of runs) {
      if (children.at(-1) === child) continue;
      starts.push(start);
      children.push(child);
    }
    const [only] = children;
    if (only !== undefined && children.length === 1) return only;
    this.#budget.spend(1 + children.length);
    const hash = hashOf(dimension, starts, children);
    const alike = this.#branches.get(hash) ?? [];
    const known = alike.find(
      (one) =>
        one.dimension === dimension && sameItems(one.starts, starts) && sameItems(one.children, children),
    );
    if (known !== undefined) return known;
    const made: Branch<T> = { kind: "branch", id: this.#count++, dimension, starts, children };
    if (alike.push(made) === 1) this.#branches.set(hash, alike);
    return made;
  }
}

function hashOf(dimension: number, starts: readonly number[], children: readonly Node<unknown>[]): number {
  let hash = dimension;
  const add = (number: number): void => {
    hash = Math.imul(hash ^ number, 0x01000193);
    hash ^= hash >>> 15;
  };
  for (let run = 0; run < starts.length; run++) {
    add(starts[run] ?? 0);
    add(children[run]?.id ?? 0);
  }
  return hash;
}

function sameItems<T>(some: readonly T[], others: readonly T[]): boolean {
  return some.length === others.length && some.every((item, index) => item === others[index]);
}

/** Replaces the values of terminals. `known`: values replaced so far. */
export function relabel<T, U>(
  node: Node<T>,
  into: Diagrams<U>,
  replaced: (value: T) => U,
  known = new Map<Node<T>, Node<U>>(),
): Node<U> {
  const visit = (one: Node<T>): Node<U> => {
    const found = known.get(one);
    if (found !== undefined) return found;
    const made =
      one.kind === "terminal"
        ? into.terminal(replaced(one.value))
        : into.branch(
            one.dimension,
            one.children.map((child, run) => [one.starts[run] ?? 0, visit(child)]),
          );
    known.set(one, made);
    return made;
  };
  return visit(node);
}

/**
 * The diagram of both together; `joined` is called for each pair of values that some request has. `decided`: the result for a value of the
 * first that does not depend on the second.
 */
export function combine<A, B, C>(
  first: Node<A>,
  second: Node<B>,
  into: Diagrams<C>,
  joined: (first: A, second: B) => C,
  decided: (first: A) => Node<C> | undefined = () => undefined,
): Node<C> {
  const known = new Map<string, Node<C>>();
  const visit = (a: Node<A>, b: Node<B>): Node<C> => {
    const alone = a.kind === "terminal" ? decided(a.value) : undefined;
    if (alone !== undefined) return alone;
    if (a.kind === "terminal" && b.kind === "terminal") return into.terminal(joined(a.value, b.value));
    const key = `${a.id},${b.id}`;
    const found = known.get(key);
    if (found !== undefined) return found;
    const made = into.branch(
      Math.min(dimensionOf(a), dimensionOf(b)),
      zip(a, b).map(([start, left, right]) => [start, visit(left, right)] as const),
    );
    known.set(key, made);
    return made;
  };
  return visit(first, second);
}

/** Terminals are below every branch. */
export function dimensionOf(node: Node<unknown>): number {
  return node.kind === "branch" ? node.dimension : Number.POSITIVE_INFINITY;
}

/** The runs of both, at the smaller dimension of the two. */
function zip<A, B>(a: Node<A>, b: Node<B>): readonly (readonly [number, Node<A>, Node<B>])[] {
  const dimension = Math.min(dimensionOf(a), dimensionOf(b));
  const [left, right] = [runsAt(a, dimension), runsAt(b, dimension)];
  const zipped: (readonly [number, Node<A>, Node<B>])[] = [];
  let [i, j] = [0, 0];
  while (i < left.starts.length && j < right.starts.length) {
    const [childA, childB] = [left.children[i], right.children[j]];
    if (childA === undefined || childB === undefined) break;
    zipped.push([Math.max(left.starts[i] ?? 0, right.starts[j] ?? 0), childA, childB]);
    const [nextA, nextB] = [left.starts[i + 1] ?? Infinity, right.starts[j + 1] ?? Infinity];
    if (nextA <= nextB) i++;
    if (nextB <= nextA) j++;
  }
  return zipped;
}

function runsAt<T>(node: Node<T>, dimension: number): Pick<Branch<T>, "starts" | "children"> {
  if (node.kind === "branch" && node.dimension === dimension) return node;
  return { starts: [0], children: [node] };
}

/** The index of the run that a class is in. */
export function runAt({ starts }: Pick<Branch<unknown>, "starts">, wanted: number): number {
  let low = 0;
  let high = starts.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((starts[middle] ?? 0) <= wanted) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** Each value that some request has, once. */
export function valuesOf<T>(node: Node<T>): ReadonlySet<T> {
  const values = new Set<T>();
  const seen = new Set<Node<T>>();
  const visit = (one: Node<T>): void => {
    if (seen.has(one)) return;
    seen.add(one);
    if (one.kind === "terminal") values.add(one.value);
    else one.children.forEach(visit);
  };
  visit(node);
  return values;
}
