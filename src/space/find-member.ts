// A member of a part of the space: a value in each dimension, as usual as the part allows.
import { type ClassRuns, hasClass } from "./class-runs.ts";
import type { Classes, Value } from "./classes/classes.ts";
import { type Cube, edgesOf } from "./cubes.ts";
import type { Node } from "./diagram.ts";
import type { Dimension } from "./dimension.ts";
import type { Partition } from "./partition.ts";
import type { Answer } from "./text/partition-text.ts";

/** By dimension. */
export interface Member {
  readonly classes: readonly number[];
  readonly values: ReadonlyMap<Dimension, Value>;
}

/** `sure`: it is in the part; otherwise no value was found within a budget, and there may be none. */
export interface FoundMember extends Member {
  readonly sure: boolean;
}

/** The maximum number of paths to a value that are tried. */
const MOST_ATTEMPTS = 200;

/** By dimension: the classes on the path through a diagram, and the most usual of them. */
type Chosen = Map<number, { readonly among: ClassRuns; readonly best: number }>;

/** Values that readers recognise, tried first. */
const USUAL: Readonly<Record<string, readonly Value[]>> = {
  listener: ["https", "http"],
  "request-form": ["path"],
  host: ["www.example.com", "any.example"],
  path: ["/", "/any"],
  method: ["GET", "POST", "HEAD"],
  client: ["203.0.113.7"],
  "body-length": [0],
  upgrade: ["none"],
};

export class Members {
  readonly #partition: Partition;
  readonly #usual = new Map<number, readonly number[]>();

  constructor(partition: Partition) {
    this.#partition = partition;
  }

  /**
   * One of a cube that has a wanted value in a diagram; undefined: there is none. `sure` is false where a value could not be found within its
   * budget, and may not exist.
   */
  find<T>(
    root: Node<T>,
    cube: Pick<Cube<unknown>, "sets">,
    wanted: (value: T) => boolean,
  ): FoundMember | undefined {
    const chosen: Chosen = new Map();
    const failed = new Set<Node<T>>();
    let member: FoundMember | undefined;
    let attempts = 0;
    const visit = (node: Node<T>): boolean => {
      if (node.kind === "terminal") {
        if (!wanted(node.value)) return false;
        attempts += 1;
        member = this.#memberOf(cube, chosen, attempts > MOST_ATTEMPTS);
        return member !== undefined;
      }
      if (failed.has(node)) return false;
      const { dimension } = node;
      const before = attempts;
      const edges = edgesOf(node, this.#allowed(cube, dimension)).map(({ child, classes }) => ({
        child,
        among: classes,
        best: this.#best(dimension, classes),
      }));
      for (const { child, among, best } of edges.sort((a, b) => a.best.rank - b.best.rank)) {
        chosen.set(dimension, { among, best: best.chosen });
        if (visit(child)) return true;
      }
      chosen.delete(dimension);
      // Whether a value has the answers of separate tests depends on the path to a node.
      if (attempts === before) failed.add(node);
      return false;
    };
    visit(root);
    return member;
  }

  /** undefined: no text has the chosen answers of separate tests. */
  #memberOf(cube: Pick<Cube<unknown>, "sets">, chosen: Chosen, anyway: boolean): FoundMember | undefined {
    const classes = this.#partition.dimensions.map(
      (_, dimension) =>
        chosen.get(dimension)?.best ?? this.#best(dimension, this.#allowed(cube, dimension)).chosen,
    );
    const values = new Map(this.valuesOf(classes));
    let sure = true;
    for (const [text, answers] of this.#answers(cube, chosen)) {
      const { dimension, classOf, member } = this.#dimension(text);
      const among = chosen.get(text)?.among ?? this.#allowed(cube, text);
      const found = member?.(among, answers) ?? "unknown";
      if (found === "none" && !anyway) return undefined;
      if (typeof found === "string") sure = false;
      else {
        values.set(dimension, found.value);
        classes[text] = classOf(found.value) ?? classes[text] ?? 0;
      }
    }
    return { classes, values, sure };
  }

  /** By text dimension: what the choices say about its separate tests. */
  #answers(cube: Pick<Cube<unknown>, "sets">, chosen: Chosen): ReadonlyMap<number, readonly Answer[]> {
    const byText = new Map<number, Answer[]>();
    for (const [dimension, { text, test }] of this.#partition.separate) {
      const among = chosen.get(dimension)?.among ?? this.#allowed(cube, dimension);
      if (hasClass(among, 0) && hasClass(among, 1)) continue;
      byText.set(text, [...(byText.get(text) ?? []), { test, holds: hasClass(among, 1) }]);
    }
    return byText;
  }

  valuesOf(classes: readonly number[]): ReadonlyMap<Dimension, Value> {
    return new Map(
      this.#partition.dimensions.map((one, index) => [one.dimension, memberOf(one, classes[index] ?? 0)]),
    );
  }

  #dimension(dimension: number): Classes {
    const found = this.#partition.dimensions[dimension];
    if (found === undefined) throw new RangeError(`no dimension ${dimension}`);
    return found;
  }

  #allowed({ sets }: Pick<Cube<unknown>, "sets">, dimension: number): ClassRuns {
    return sets.get(dimension) ?? Uint32Array.of(0, this.#dimension(dimension).count);
  }

  /** The most usual of some classes. */
  #best(dimension: number, among: ClassRuns): { readonly chosen: number; readonly rank: number } {
    const usual = this.#usualClasses(dimension);
    const rank = usual.findIndex((one) => hasClass(among, one));
    const found = usual[rank];
    if (found !== undefined) return { chosen: found, rank };
    return { chosen: among[0] ?? 0, rank: usual.length };
  }

  #usualClasses(dimension: number): readonly number[] {
    const known = this.#usual.get(dimension);
    if (known !== undefined) return known;
    const { dimension: on, classOf } = this.#dimension(dimension);
    const found = usualValues(on).flatMap((value) => classOf(value) ?? []);
    this.#usual.set(dimension, found);
    return found;
  }
}

function usualValues({ kind, id }: Dimension): readonly Value[] {
  if (kind === "unknown") return [false];
  const own = USUAL[id];
  if (own !== undefined) return own;
  return kind === "text" || kind === "number" ? [undefined] : [];
}

/** The usual value where it is in the class. */
function memberOf({ dimension, classOf, witness }: Classes, chosen: number): Value {
  const usual = usualValues(dimension).find((value) => value !== undefined && classOf(value) === chosen);
  return usual ?? witness(chosen);
}
