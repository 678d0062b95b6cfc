// Locates requests in the regions of a program: the region and the rule, as far as the request shows them.
import type { Budget } from "./budget.ts";
import type { DecidingRule } from "./chain.ts";
import { runsOf } from "./class-runs.ts";
import type { Cube } from "./cubes.ts";
import { Diagrams, type Node, runAt } from "./diagram.ts";
import { type Ask, NOT_KNOWN } from "./evaluate-request.ts";
import { Members } from "./find-member.ts";
import { listDiagram } from "./list-diagram.ts";
import type { Partition } from "./partition.ts";
import type { Leaf } from "./program.ts";
import { passes } from "./text/values.ts";
import { type Witness, witnessOf } from "./witness.ts";

/** One region and one rule if everything that decides is known. */
export interface Located {
  /** Indexes in the list. */
  readonly regions: readonly number[];
  readonly rules: readonly DecidingRule[];
}

/** The rule that decides, for every request, and what it answers. */
export interface DecidedFacet {
  readonly deciding: Node<DecidingRule>;
  readonly viewOf: (rule: DecidingRule) => Leaf;
}

export class Locator {
  readonly #parts: Partition;
  readonly #members: Members;
  readonly #regions: Node<number>;
  readonly #decisions: Node<DecidingRule>;
  /** The answer of a rule. */
  readonly answerOf: (rule: DecidingRule) => Leaf;

  /** The last line has no conditions. @throws BudgetExceeded */
  constructor(
    parts: Partition,
    lines: readonly Pick<Cube<unknown>, "sets">[],
    { deciding, viewOf }: DecidedFacet,
    budget: Budget,
  ) {
    const counts = parts.dimensions.map(({ count }) => count);
    const diagrams = new Diagrams<number>(budget);
    const indexes = lines.map(({ sets }, value) => ({ sets, value }));
    const regions = listDiagram(indexes, { counts, budget, diagrams });
    if (regions === undefined) throw new RangeError("a list in which no line matches everything");
    this.#parts = parts;
    this.#members = new Members(parts);
    this.#regions = regions;
    this.#decisions = deciding;
    this.answerOf = viewOf;
  }

  /** What some request that has a path and a valid Host gets at one of these listeners, while no unknown condition holds. */
  reachableAt(listeners: readonly string[]): Located {
    const all = listeners.map((listener) => {
      return this.#at(
        this.#parts.dimensions.map((classes) =>
          classes.dimension.id === "listener" ? classes.classOf(listener) : usualClass(classes),
        ),
      );
    });
    return {
      regions: [...new Set(all.flatMap(({ regions }) => regions))],
      rules: [...new Set(all.flatMap(({ rules }) => rules))],
    };
  }

  locate(ask: Ask): Located {
    return this.#at(this.#parts.dimensions.map((_, index) => this.#classOf(index, ask)));
  }

  /** A request of a region, as those of `reachableAt`; undefined: there is none. */
  exampleOf(region: number, listeners: readonly string[]): Witness | undefined {
    const { dimensions } = this.#parts;
    const sets = dimensions.flatMap((classes, index) => {
      const { dimension, classOf } = classes;
      if (dimension.id === "listener")
        return [[index, runsOf(listeners.flatMap((name) => classOf(name) ?? []))] as const];
      const usual = usualClass(classes);
      return usual === undefined ? [] : [[index, runsOf([usual])] as const];
    });
    const member = this.#members.find(this.#regions, { sets: new Map(sets) }, (found) => found === region);
    return member && witnessOf(member);
  }

  /** `classes`: undefined where it is not known. */
  #at(classes: readonly (number | undefined)[]): Located {
    return {
      regions: [...valuesAt(this.#regions, classes)],
      rules: [...valuesAt(this.#decisions, classes)],
    };
  }

  #classOf(index: number, ask: Ask): number | undefined {
    const classes = this.#parts.dimensions[index];
    if (classes === undefined) return undefined;
    const separate = this.#parts.separate.get(index);
    if (separate === undefined) return known(classes.classOf, ask(classes.dimension));
    const text = this.#parts.dimensions[separate.text]?.dimension;
    const value = text && ask(text);
    if (value === NOT_KNOWN || typeof value === "boolean") return undefined;
    return Number(value !== undefined && passes(separate.test, String(value)));
  }
}

/** Of a request with a path and a valid Host, and a server that answers 200 without the headers that are tested; undefined: any. */
function usualClass({
  dimension: { id, kind },
  classOf,
}: Partition["dimensions"][number]): number | undefined {
  if (kind === "unknown") return 0;
  if (id === "request-form") return classOf("path");
  if (id === "response-status") return classOf(200);
  return id.startsWith("response-header:") ? classOf(undefined) : undefined;
}

type ClassOf = Partition["dimensions"][number]["classOf"];

function known(classOf: ClassOf, value: ReturnType<Ask>): number | undefined {
  return value === NOT_KNOWN ? undefined : classOf(value);
}

/** Each value that the known classes leave possible. */
function valuesAt<T>(root: Node<T>, classes: readonly (number | undefined)[]): ReadonlySet<T> {
  const values = new Set<T>();
  const seen = new Set<Node<T>>();
  const visit = (node: Node<T>): void => {
    if (seen.has(node)) return;
    seen.add(node);
    if (node.kind === "terminal") {
      values.add(node.value);
      return;
    }
    const own = classes[node.dimension];
    if (own === undefined) node.children.forEach(visit);
    else for (const child of node.children.slice(runAt(node, own), runAt(node, own) + 1)) visit(child);
  };
  visit(root);
  return values;
}
