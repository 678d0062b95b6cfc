// The diagrams of a program: which rule decides, and each facet's value, for every request.
import type { Budget } from "./budget.ts";
import { DiagramBuilder } from "./build-diagram.ts";
import type { DecidingRule } from "./chain.ts";
import { Diagrams, type Node, relabel } from "./diagram.ts";
import { type Formulas, TRUE } from "./formula.ts";
import type { Partition } from "./partition.ts";
import { type Facet, type Leaf, type Program, type Rule, UNCHANGED } from "./program.ts";

export interface EvaluatedFacet {
  /** The rule that decides. */
  readonly decisions: Node<DecidingRule>;
  /** The facet's value. */
  readonly values: Node<Leaf>;
  readonly viewOf: (rule: DecidingRule) => Leaf;
}

/** The diagrams of one program; `leaves` and the partition are those of all programs that are compared. */
export class Evaluation {
  readonly #facets: ReadonlyMap<string, Facet>;
  readonly #builder: DiagramBuilder;
  readonly #leaves: Diagrams<Leaf>;
  readonly #budget: Budget;
  readonly #evaluated = new Map<string, EvaluatedFacet>();
  readonly #lists = new Map<readonly Rule[], EvaluatedList>();

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
    this.#budget = budget;
  }

  /** UNCHANGED where the program does not have the facet. @throws BudgetExceeded */
  facet(id: string): EvaluatedFacet {
    const known = this.#evaluated.get(id) ?? this.#evaluate(id);
    this.#evaluated.set(id, known);
    return known;
  }

  #evaluate(id: string): EvaluatedFacet {
    const facet = this.#facets.get(id) ?? { id, rules: NO_RULES };
    const { decisions, joint, facets } = this.#list(facet.rules);
    const index = facets.indexOf(facet);
    const values = relabel(joint, this.#leaves, (all) => all[index] ?? UNCHANGED);
    return { decisions, values, viewOf: ({ outcome }) => viewed(facet, outcome) };
  }

  #list(rules: readonly Rule[]): EvaluatedList {
    const known = this.#lists.get(rules);
    if (known !== undefined) return known;
    const facets = [...this.#facets.values()].filter((facet) => facet.rules === rules);
    const decisions = this.#builder.build(rules);
    const joints = new Diagrams<readonly Leaf[]>(this.#budget, joinedKeys());
    const joint = relabel(decisions, joints, ({ outcome }) => facets.map((facet) => viewed(facet, outcome)));
    const made = { decisions, joint, facets };
    this.#lists.set(rules, made);
    return made;
  }
}

/** A rule list and the facets that it decides. */
interface EvaluatedList {
  readonly decisions: Node<DecidingRule>;
  /** The values of all facets: smaller than the decisions, where many rules have the same outcome. */
  readonly joint: Node<readonly Leaf[]>;
  readonly facets: readonly Facet[];
}

const NO_RULES: readonly Rule[] = [{ when: TRUE, outcome: UNCHANGED, at: undefined, text: "" }];

function viewed({ view }: Facet, leaf: Leaf): Leaf {
  return view === undefined ? leaf : view(leaf);
}

/** The same text for leaves with the same keys; short, whatever the keys are. */
function joinedKeys(): (leaves: readonly Leaf[]) => string {
  const numbers = new Map<string, number>();
  return (leaves) =>
    leaves
      .map(({ key }) => {
        const number = numbers.get(key) ?? numbers.size;
        numbers.set(key, number);
        return number;
      })
      .join();
}
