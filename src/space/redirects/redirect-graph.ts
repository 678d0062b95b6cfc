// Which redirects may lead to which others, and back.
import type { Budget } from "../budget.ts";
import { FALSE, type Formula } from "../formula.ts";
import { constantText, type Part } from "../haproxy/value.ts";
import { type NextRequest, sourceOf } from "./after-redirect.ts";
import { PlaceIndex, type RequiredPlace } from "./place-index.ts";
import type { RedirectTarget } from "./redirect-target.ts";
import type { RequiredTexts } from "./required-texts.ts";

export interface GraphNode {
  readonly listener: { readonly name: string };
  readonly target: RedirectTarget;
  readonly next: NextRequest;
  /** The condition of the redirect, without what the rules before it take. */
  readonly where: Formula;
  /** What `where` requires. */
  readonly place: RequiredPlace;
}

/** Each with the redirects that it may lead to, as far as their own conditions show. */
export type RedirectGraph<T extends GraphNode> = ReadonlyMap<T, readonly T[]>;

/**
 * Groups of redirects in which a chain may lead from each to each; a redirect is in one group at most.
 * @throws BudgetExceeded
 */
export function redirectCycles<T extends GraphNode>(
  nodes: readonly T[],
  budget: Budget,
): readonly RedirectGraph<T>[] {
  return cyclesIn(withoutEnds(edgesBetween(nodes, budget)), budget);
}

function edgesBetween<T extends GraphNode>(nodes: readonly T[], budget: Budget): RedirectGraph<T> {
  const listeners = Map.groupBy(nodes, ({ listener }) => listener.name);
  const indexes = new Map(
    [...listeners].map(([name, own]) => [name, new PlaceIndex(own, ({ place }) => place)]),
  );
  const edges = new Map<T, readonly T[]>();
  for (const one of nodes) {
    const { target, next, place } = one;
    const led = {
      host: nextTexts(target.host, "host", place.host),
      path: nextTexts(target.path, "path", place.path),
    };
    const candidates = [...(indexes.get(target.listener.name)?.matching(led) ?? [])];
    budget.spend(candidates.length);
    edges.set(
      one,
      candidates.filter((other) => next.holds(other.where) !== FALSE),
    );
  }
  return edges;
}

/**
 * The same of a graph with fewer edges.
 * @throws BudgetExceeded
 */
export function cyclesIn<T extends GraphNode>(
  edges: RedirectGraph<T>,
  budget: Budget,
): readonly RedirectGraph<T>[] {
  return connected(edges, budget).flatMap((group) => {
    const nodes = [...group.keys()];
    const changes = nodes.map(({ target }) => lengthChange(target.path));
    const shrinks = (change: number | undefined) => change !== undefined && change < 0;
    const mayShrink = changes.every((change) => change === 0 || shrinks(change));
    if (!mayShrink || !changes.some(shrinks)) return [group];
    // No redirect of the group lengthens the path: an endless chain contains none of those that shorten it.
    return cyclesIn(within(group, new Set(nodes.filter((_, index) => !shrinks(changes[index])))), budget);
  });
}

/** By how many bytes the redirect lengthens the path; undefined: the next path is not the path with a fixed text added or removed at its start. */
function lengthChange(path: readonly Part[]): number | undefined {
  const [front, rest] = path.length === 1 ? [undefined, path[0]] : path;
  if (rest?.kind !== "source" || rest.on.id !== "path" || path.length > 2) return undefined;
  if (front !== undefined && front.kind !== "constant") return undefined;
  const dropped = rest.through.map((one) => (one.kind === "after" ? one.front.length : Number.NaN));
  const change = (front?.text.length ?? 0) - dropped.reduce((sum, one) => sum + one, 0);
  return Number.isNaN(change) ? undefined : change;
}

/** The strongly connected parts that contain an edge. */
function connected<T>(
  edges: ReadonlyMap<T, readonly T[]>,
  budget: Budget,
): readonly ReadonlyMap<T, readonly T[]>[] {
  const back = reversed(edges);
  const left = new Set(edges.keys());
  const groups: ReadonlyMap<T, readonly T[]>[] = [];
  for (const one of left) {
    const [after, before] = [reachedFrom(one, edges, left), reachedFrom(one, back, left)];
    budget.spend(after.size + before.size);
    const group = new Set([...after].filter((other) => before.has(other)));
    for (const other of [one, ...group]) left.delete(other);
    if (group.size > 0) groups.push(within(edges, group));
  }
  return groups;
}

/** Contains `one` itself only if a path leads back to it. */
function reachedFrom<T>(one: T, edges: ReadonlyMap<T, readonly T[]>, left: ReadonlySet<T>): ReadonlySet<T> {
  const reached = new Set((edges.get(one) ?? []).filter((other) => left.has(other)));
  for (const from of reached)
    for (const other of edges.get(from) ?? []) if (left.has(other)) reached.add(other);
  return reached;
}

function within<T>(edges: ReadonlyMap<T, readonly T[]>, left: ReadonlySet<T>): ReadonlyMap<T, readonly T[]> {
  return new Map([...left].map((one) => [one, (edges.get(one) ?? []).filter((other) => left.has(other))]));
}

function reversed<T>(edges: ReadonlyMap<T, readonly T[]>): ReadonlyMap<T, readonly T[]> {
  const back = new Map<T, T[]>([...edges.keys()].map((one) => [one, []]));
  for (const [one, to] of edges) for (const other of to) back.get(other)?.push(one);
  return back;
}

/** What the next request has in a dimension in which this one has `own`. */
function nextTexts(parts: readonly Part[], dimension: string, own: RequiredTexts): RequiredTexts {
  if (sourceOf(parts) === dimension) return own;
  const [first] = parts;
  const text = constantText(parts);
  if (text !== undefined) return [{ text: text.toLowerCase(), whole: true }];
  return first?.kind === "constant" ? [{ text: first.text.toLowerCase(), whole: false }] : undefined;
}

/** Without those from which no endless chain leads, and those to which none leads. */
function withoutEnds<T>(edges: ReadonlyMap<T, readonly T[]>): ReadonlyMap<T, readonly T[]> {
  const back = reversed(edges);
  const left = new Set(edges.keys());
  for (const [out, into] of [
    [edges, back],
    [back, edges],
  ] as const)
    removeEnds(left, out, into);
  return within(edges, left);
}

/** Removes nodes without an edge in `out`, repeatedly. */
function removeEnds<T>(
  left: Set<T>,
  out: ReadonlyMap<T, readonly T[]>,
  into: ReadonlyMap<T, readonly T[]>,
): void {
  const degrees = new Map(
    [...left].map((one) => [one, (out.get(one) ?? []).filter((to) => left.has(to)).length]),
  );
  const ends = [...left].filter((one) => degrees.get(one) === 0);
  for (const end of ends) {
    left.delete(end);
    for (const before of into.get(end) ?? []) {
      const degree = (degrees.get(before) ?? 0) - 1;
      degrees.set(before, degree);
      if (degree === 0) ends.push(before);
    }
  }
}
