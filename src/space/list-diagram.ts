// The diagram of a list of lines, of which the first that matches decides.
import type { Budget } from "./budget.ts";
import { type ClassRuns, hasClass } from "./class-runs.ts";
import type { Cube } from "./cubes.ts";
import { type Diagrams, dimensionOf, type Node } from "./diagram.ts";

export interface ListOptions<T> {
  readonly counts: readonly number[];
  /** Makes the diagram. */
  readonly diagrams: Diagrams<T>;
  readonly budget: Budget;
}

/** undefined where no line matches everything. */
export function listDiagram<T>(lines: readonly Cube<T>[], options: ListOptions<T>): Node<T> | undefined {
  let made: Node<T> | undefined;
  for (const line of lines.toReversed()) made = lineBefore(line, made, options);
  return made;
}

/** A line in front of what is left. */
export function lineBefore<T>(
  { sets, value }: Cube<T>,
  rest: Node<T> | undefined,
  options: ListOptions<T>,
): Node<T> | undefined {
  const inside = options.diagrams.terminal(value);
  if (sets.size === 0) return inside;
  const ordered = [...sets].sort(([a], [b]) => a - b);
  return rest && chosen(ordered, inside, rest, options);
}

/** `inside` where all sets hold, otherwise `rest`. */
function chosen<T>(
  sets: readonly (readonly [dimension: number, classes: ClassRuns])[],
  inside: Node<T>,
  rest: Node<T>,
  { diagrams, counts, budget }: ListOptions<T>,
): Node<T> {
  const known = new Map<string, Node<T>>();
  const visit = (at: number, node: Node<T>): Node<T> => {
    const set = sets[at];
    if (set === undefined) return inside;
    const key = `${at},${node.id}`;
    const found = known.get(key);
    if (found !== undefined) return found;
    budget.spend(1);
    const [dimension, classes] = set;
    const own = dimensionOf(node);
    const made =
      own < dimension && node.kind === "branch"
        ? diagrams.branch(
            own,
            node.children.map((child, run) => [node.starts[run] ?? 0, visit(at, child)]),
          )
        : diagrams.branch(
            dimension,
            split(node, dimension, classes, counts[dimension] ?? 0).map(([start, child, holds]) => [
              start,
              holds ? visit(at + 1, child) : child,
            ]),
          );
    known.set(key, made);
    return made;
  };
  return visit(0, rest);
}

/** The runs of a node at a dimension, split at the bounds of a set. */
function split<T>(
  node: Node<T>,
  dimension: number,
  classes: ClassRuns,
  count: number,
): readonly (readonly [start: number, child: Node<T>, holds: boolean])[] {
  const runs =
    node.kind === "branch" && node.dimension === dimension ? node : { starts: [0], children: [node] };
  const bounds = new Set([...runs.starts, ...classes]);
  bounds.delete(count);
  let run = 0;
  return [...bounds]
    .sort((a, b) => a - b)
    .flatMap((start) => {
      while ((runs.starts[run + 1] ?? Number.POSITIVE_INFINITY) <= start) run += 1;
      const child = runs.children[run];
      return child === undefined ? [] : [[start, child, hasClass(classes, start)] as const];
    });
}
