// A diagram as a list of lines of which the first that matches decides: as short as it gets, and proven equal to the diagram.
import { type Budget, BudgetExceeded } from "./budget.ts";
import { type ClassRuns, hasClass, isSubset, unionOf } from "./class-runs.ts";
import { type Cube, cubesOf, type Edge, edgesOf } from "./cubes.ts";
import { type Branch, Diagrams, dimensionOf, type Node } from "./diagram.ts";
import type { Names } from "./name-classes.ts";

/** A set of classes in each of some dimensions, and the value of what no earlier line matches. */
export interface Line<T> extends Cube<T> {
  /** A part of what it decides: no earlier line matches it. */
  readonly part: Cube<T>["sets"];
}

export interface FirstMatchOptions<T> {
  readonly counts: readonly number[];
  /** Of the diagram. */
  readonly diagrams: Diagrams<T>;
  readonly budget: Budget;
  readonly names: Names;
}

/** Longer lists are shortened in their parts only. */
const MOST_SHORTENED = 80;
/** So many edges are looked at for the next one. */
const MOST_ORDERED = 100;

/** @throws BudgetExceeded before a list is found; a list that is found is only not as short as it could be */
export function firstMatchList<T>(root: Node<T>, options: FirstMatchOptions<T>): readonly Line<T>[] {
  return new FirstMatch(options).list(root);
}

class FirstMatch<T> {
  readonly #options: FirstMatchOptions<T>;
  readonly #plain = new Map<Node<T>, readonly Line<T>[]>();
  readonly #short = new Map<Node<T>, readonly Line<T>[]>();

  constructor(options: FirstMatchOptions<T>) {
    this.#options = options;
  }

  list(node: Node<T>): readonly Line<T>[] {
    const known = this.#short.get(node);
    if (known !== undefined) return known;
    const plain = this.#plainList(node);
    const made = plain.length <= MOST_SHORTENED ? this.#shortened(node, plain) : this.#ofChildren(node);
    this.#short.set(node, made);
    return made;
  }

  #plainList(node: Node<T>): readonly Line<T>[] {
    const known = this.#plain.get(node);
    if (known !== undefined) return known;
    const made = this.#joined(node, (child) => this.#plainList(child));
    this.#plain.set(node, made);
    return made;
  }

  #ofChildren(node: Node<T>): readonly Line<T>[] {
    return this.#joined(node, (child) => this.list(child));
  }

  /** The child of the background is last, and needs no condition. */
  #joined(node: Node<T>, listOf: (child: Node<T>) => readonly Line<T>[]): readonly Line<T>[] {
    if (node.kind === "terminal") return [{ sets: new Map(), part: new Map(), value: node.value }];
    const { dimension } = node;
    return this.#ordered(node).flatMap(({ child, classes, shown }) => {
      const lines = listOf(child);
      this.#options.budget.spend(lines.length);
      return lines.map(({ sets, part, value }) => ({
        sets: shown === undefined ? sets : new Map([[dimension, shown], ...sets]),
        part: new Map([[dimension, classes], ...part]),
        value,
      }));
    });
  }

  /** Sets with exceptions come after what excepts them, so that they have the name without exceptions. */
  #ordered(node: Branch<T>): readonly OrderedEdge<T>[] {
    const { counts, names } = this.#options;
    const { dimension } = node;
    const edges = edgesOf(node, counts[dimension] ?? 0);
    const background = names.background(dimension);
    const last = edges.find(({ classes }) => hasClass(classes, background));
    const left = edges.filter((edge) => edge !== last);
    const ordered: OrderedEdge<T>[] = [];
    let covered: ClassRuns = new Uint32Array();
    while (left.length > 0) {
      const next = takeNamed(left, (classes) => shownAs(names, dimension, classes, covered));
      covered = unionOf([covered, next.classes]);
      ordered.push(next);
    }
    return last === undefined ? ordered : [...ordered, { ...last, shown: undefined }];
  }

  #shortened(node: Node<T>, plain: readonly Line<T>[]): readonly Line<T>[] {
    try {
      let lines = plain;
      for (const step of [withoutCondition, withoutLine, mergedLines, withoutLine, this.#widened])
        lines = this.#improved(node, lines, step);
      return withParts(lines, this.#options);
    } catch (error) {
      if (!(error instanceof BudgetExceeded)) throw error;
      return plain;
    }
  }

  /** Takes each proposal that leaves the diagram as it is. */
  #improved(node: Node<T>, from: readonly Line<T>[], step: Step<T>): readonly Line<T>[] {
    let lines = from;
    for (let index = 0; index < lines.length; index++) {
      for (let proposal = 0; ; proposal++) {
        const proposed = step(lines, index, proposal);
        if (proposed === undefined) break;
        if (diagramOf(proposed, this.#options) !== node) continue;
        lines = proposed;
        proposal = -1;
      }
    }
    return lines;
  }

  readonly #widened: Step<T> = (lines, index, proposal) => {
    const line = lines[index];
    const all = [...(line?.sets ?? [])].flatMap(([dimension, classes]) =>
      (this.#options.names.wider(dimension, classes) ?? []).map((wider) => [dimension, wider] as const),
    );
    const chosen = all[proposal];
    if (line === undefined || chosen === undefined) return undefined;
    return lines.with(index, { ...line, sets: new Map([...line.sets, chosen]) });
  };
}

/** The parts after a list has changed. */
function withParts<T>(
  lines: readonly Line<T>[],
  { counts, budget }: FirstMatchOptions<T>,
): readonly Line<T>[] {
  const diagrams = new Diagrams<Line<T>>(budget);
  const deciding = diagramOf(
    lines.map((line) => ({ sets: line.sets, value: line })),
    { counts, budget, diagrams },
  );
  return lines.map((line) => {
    const [cube] = deciding ? cubesOf(deciding, counts, (one) => one === line, 1).cubes : [];
    return cube === undefined ? line : { ...line, part: cube.sets };
  });
}

/** The list with a change of a line; undefined: there are no more proposals. */
type Step<T> = (lines: readonly Line<T>[], index: number, proposal: number) => readonly Line<T>[] | undefined;

function withoutCondition<T>(lines: readonly Line<T>[], index: number, proposal: number) {
  const line = lines[index];
  const dimension = [...(line?.sets.keys() ?? [])][proposal];
  if (line === undefined || dimension === undefined) return undefined;
  const sets = new Map(line.sets);
  sets.delete(dimension);
  return lines.with(index, { ...line, sets });
}

function withoutLine<T>(lines: readonly Line<T>[], index: number, proposal: number) {
  if (proposal > 0 || index >= lines.length || lines.length === 1) return undefined;
  return lines.toSpliced(index, 1);
}

/** A later line with the same value that differs in one dimension is joined to this one. */
function mergedLines<T>(lines: readonly Line<T>[], index: number, proposal: number) {
  const line = lines[index];
  if (line === undefined) return undefined;
  const others = lines.flatMap((other, at) => {
    const merged = at > index ? merge(line, other) : undefined;
    return merged === undefined ? [] : [{ at, merged }];
  });
  const chosen = others[proposal];
  return chosen && lines.with(index, chosen.merged).toSpliced(chosen.at, 1);
}

function merge<T>(a: Line<T>, b: Line<T>): Line<T> | undefined {
  if (a.value !== b.value || a.sets.size !== b.sets.size) return undefined;
  let differing: number | undefined;
  for (const [dimension, classes] of a.sets) {
    const other = b.sets.get(dimension);
    if (other === undefined) return undefined;
    if (other.join() === classes.join()) continue;
    if (differing !== undefined) return undefined;
    differing = dimension;
  }
  if (differing === undefined) return undefined;
  const both = [a, b].flatMap(({ sets }) => sets.get(differing) ?? []);
  return { ...a, sets: new Map([...a.sets, [differing, unionOf(both)]]) };
}

interface OrderedEdge<T> extends Edge<T> {
  /** The set that the condition names; undefined: none is needed. */
  readonly shown: ClassRuns | undefined;
}

/** Takes the first edge that has a simple name; without one, the first. */
function takeNamed<T>(left: Edge<T>[], shown: (classes: ClassRuns) => ClassRuns | undefined): OrderedEdge<T> {
  for (const [index, edge] of left.slice(0, MOST_ORDERED).entries()) {
    const found = shown(edge.classes);
    if (found === undefined) continue;
    left.splice(index, 1);
    return { ...edge, shown: found };
  }
  const [first] = left.splice(0, 1) as [Edge<T>];
  return { ...first, shown: first.classes };
}

/** A set with a simple name that adds only what earlier lines have decided. */
function shownAs(
  names: Names,
  dimension: number,
  classes: ClassRuns,
  covered: ClassRuns,
): ClassRuns | undefined {
  const wider = names.wider(dimension, classes);
  if (wider === undefined) return classes;
  return wider.find((one) => isSubset(one, unionOf([classes, covered])));
}

/** The diagram of a list; undefined where its last line does not match everything. */
function diagramOf<T>(
  lines: readonly Cube<T>[],
  { diagrams, counts, budget }: Pick<FirstMatchOptions<T>, "diagrams" | "counts" | "budget">,
): Node<T> | undefined {
  let made: Node<T> | undefined;
  for (const { sets, value } of lines.toReversed()) {
    const then = diagrams.terminal(value);
    if (sets.size === 0) made = then;
    else if (made === undefined) return undefined;
    else
      made = chosen(
        [...sets].sort(([a], [b]) => a - b),
        then,
        made,
        { diagrams, counts, budget },
      );
  }
  return made;
}

/** `inside` where all sets hold, otherwise `rest`. */
function chosen<T>(
  sets: readonly (readonly [dimension: number, classes: ClassRuns])[],
  inside: Node<T>,
  rest: Node<T>,
  { diagrams, counts, budget }: Pick<FirstMatchOptions<T>, "diagrams" | "counts" | "budget">,
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
