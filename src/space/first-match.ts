// A diagram as a list of lines of which the first that matches decides: as short as it gets, and proven equal to the diagram.
import type { Budget } from "./budget.ts";
import { type ClassRuns, hasClass, isSubset, unionOf } from "./class-runs.ts";
import { allClasses, type Edge, edgesOf } from "./cubes.ts";
import type { Branch, Node } from "./diagram.ts";
import type { Names } from "./name-classes.ts";
import { type Line, shortenedList } from "./shorten-list.ts";

export interface FirstMatchOptions {
  readonly counts: readonly number[];
  readonly budget: Budget;
  readonly names: Names;
}

/** Longer lists are shortened in their parts only. */
const MOST_SHORTENED = 80;
/** So many edges are looked at for the next one. */
const MOST_ORDERED = 100;

/** @throws BudgetExceeded */
export function firstMatchList<T>(root: Node<T>, options: FirstMatchOptions): readonly Line<T>[] {
  return new FirstMatch<T>(options).list(root);
}

class FirstMatch<T> {
  readonly #options: FirstMatchOptions;
  readonly #plain = new Map<Node<T>, readonly Line<T>[]>();
  readonly #short = new Map<Node<T>, readonly Line<T>[]>();

  constructor(options: FirstMatchOptions) {
    this.#options = options;
  }

  list(node: Node<T>): readonly Line<T>[] {
    const known = this.#short.get(node);
    if (known !== undefined) return known;
    const plain = this.#plainList(node);
    const made =
      plain.length <= MOST_SHORTENED ? shortenedList<T>(plain, this.#options) : this.#ofChildren(node);
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
    const edges = edgesOf(node, allClasses(counts[dimension] ?? 0));
    const background = names.background(dimension);
    const last = edges.find(({ classes }) => hasClass(classes, background));
    const left = edges.filter((edge) => edge !== last);
    const ordered: OrderedEdge<T>[] = [];
    const known = new Map<ClassRuns, readonly ClassRuns[] | undefined>();
    const wider = (classes: ClassRuns) => {
      if (!known.has(classes)) known.set(classes, names.wider(dimension, classes));
      return known.get(classes);
    };
    let covered: ClassRuns = new Uint32Array();
    while (left.length > 0) {
      const next = takeNamed(left, (classes) => shownAs(wider(classes), classes, covered));
      covered = unionOf([covered, next.classes]);
      ordered.push(next);
    }
    return last === undefined ? ordered : [...ordered, { ...last, shown: undefined }];
  }
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

/** A set with a simple name that adds only what earlier lines decide. `wider`: as in `Names`. */
function shownAs(
  wider: readonly ClassRuns[] | undefined,
  classes: ClassRuns,
  covered: ClassRuns,
): ClassRuns | undefined {
  if (wider === undefined) return classes;
  return wider.find((one) => isSubset(one, unionOf([classes, covered])));
}
