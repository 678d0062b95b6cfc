// The diagrams of a program: which rule decides, and each facet's value, for every request.
import type { Budget } from "./budget.ts";
import { DiagramBuilder } from "./build-diagram.ts";
import type { DecidingRule } from "./chain.ts";
import { type Diagrams, type Node, relabel } from "./diagram.ts";
import { type Formulas, TRUE } from "./formula.ts";
import type { Partition } from "./partition.ts";
import { type Facet, type Leaf, type Program, UNCHANGED } from "./program.ts";

export interface EvaluatedFacet {
  /** The rule that decides. */
  readonly decisions: Node<DecidingRule>;
  /** The facet's value. */
  readonly values: Node<Leaf>;
}

/** The diagrams of one program; `leaves` and the partition are those of all programs that are compared. */
export class Evaluation {
  readonly #facets: ReadonlyMap<string, Facet>;
  readonly #builder: DiagramBuilder;
  readonly #leaves: Diagrams<Leaf>;

  constructor(
    program: Program,
    partition: Partition,
    formulas: Formulas,
    leaves: Diagrams<Leaf>,
    budget: Budget,
  ) {
    this.#facets = new Map(program.facets.map((facet) => [facet.id, facet]));
    this.#builder = new DiagramBuilder(partition, formulas, budget);
    this.#leaves = leaves;
  }

  /** UNCHANGED where the program does not have the facet. @throws BudgetExceeded */
  facet(id: string): EvaluatedFacet {
    const facet = this.#facets.get(id);
    const rules = facet?.rules ?? [{ when: TRUE, outcome: UNCHANGED, at: undefined, text: "" }];
    const decisions = this.#builder.build(rules);
    const view = facet?.view ?? ((leaf: Leaf) => leaf);
    return { decisions, values: relabel(decisions, this.#leaves, ({ outcome }) => view(outcome)) };
  }
}
