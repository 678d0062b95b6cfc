// The diagrams of programs: each facet's value, and which rule decides, for every request.
import type { Budget } from "./budget.ts";
import { DiagramBuilder } from "./build-diagram.ts";
import type { DecidingRule } from "./chain.ts";
import type { Cube } from "./cubes.ts";
import { Diagrams, type Node, relabel } from "./diagram.ts";
import { type Formulas, TRUE } from "./formula.ts";
import type { Partition } from "./partition.ts";
import { type Facet, type Leaf, type Program, type Rule, UNCHANGED } from "./program.ts";
import { rulesWithin } from "./rules-within.ts";

export interface EvaluatedFacet {
  /** The facet's value. */
  readonly values: Node<Leaf>;
  /** The rule that decides: right for the requests of the given cubes; without them, for every request. @throws BudgetExceeded */
  readonly decisions: (within?: readonly Pick<Cube<unknown>, "sets">[]) => Node<DecidingRule>;
  readonly viewOf: (rule: DecidingRule) => Leaf;
}

/** Evaluates programs of one partition. Parts that several programs share are evaluated once. */
export class Evaluator {
  readonly #partition: Partition;
  readonly #formulas: Formulas;
  readonly #budget: Budget;
  readonly #keyOf: (leaf: Leaf) => string;
  readonly #leaves: Diagrams<Leaf>;
  readonly #lists = new Map<readonly Rule[], EvaluatedList>();
  readonly #joint = new Map<string, JointValues>();

  /** `keyOf`: leaves with the same key are one. */
  constructor(
    partition: Partition,
    formulas: Formulas,
    budget: Budget,
    keyOf: (leaf: Leaf) => string = ({ key }) => key,
  ) {
    this.#partition = partition;
    this.#formulas = formulas;
    this.#budget = budget;
    this.#keyOf = keyOf;
    this.#leaves = new Diagrams<Leaf>(budget, keyOf);
  }

  /** UNCHANGED where the program does not have the facet. @throws BudgetExceeded */
  facet({ facets }: Program, id: string): EvaluatedFacet {
    const facet = facets.find((one) => one.id === id);
    if (facet === undefined) return this.#unchanged(id);
    const { rules } = facet;
    const { root, values, ids } = this.#list(
      rules,
      facets.filter((one) => one.rules === rules),
    );
    const index = ids.indexOf(id);
    return {
      values: relabel(root, this.#leaves, (all) => all[index] ?? UNCHANGED, values.relabelled[index]),
      decisions: (within) =>
        new DiagramBuilder<DecidingRule>(this.#partition, this.#formulas, this.#budget).build(
          within === undefined ? rules : rulesWithin(rules, within, this.#partition),
          (rule) => rule,
        ),
      viewOf: ({ outcome }) => viewed(facet, outcome),
    };
  }

  #unchanged(id: string): EvaluatedFacet {
    const rules = [{ when: TRUE, outcome: UNCHANGED, at: undefined, text: "" }];
    return this.facet({ facets: [{ id, rules }], unexamined: [] }, id);
  }

  /** All facets that a list decides are evaluated together. */
  #list(rules: readonly Rule[], facets: readonly Facet[]): EvaluatedList {
    const known = this.#lists.get(rules);
    if (known !== undefined) return known;
    const ids = facets.map(({ id }) => id);
    const values = this.#joint.get(ids.join("\n")) ?? this.#jointValues(ids);
    this.#joint.set(ids.join("\n"), values);
    const root = values.builder.build(rules, ({ outcome }) => facets.map((facet) => viewed(facet, outcome)));
    const made = { root, values, ids };
    this.#lists.set(rules, made);
    return made;
  }

  #jointValues(ids: readonly string[]): JointValues {
    return {
      builder: new DiagramBuilder(this.#partition, this.#formulas, this.#budget, joinedKeys(this.#keyOf)),
      relabelled: ids.map(() => new Map()),
    };
  }
}

type Joint = readonly Leaf[];

/** The values of the lists that decide the same facets. */
interface JointValues {
  readonly builder: DiagramBuilder<Joint>;
  /** By facet. */
  readonly relabelled: readonly Map<Node<Joint>, Node<Leaf>>[];
}

interface EvaluatedList {
  readonly root: Node<Joint>;
  readonly values: JointValues;
  /** The facets, in the order of the values. */
  readonly ids: readonly string[];
}

function viewed({ view }: Facet, leaf: Leaf): Leaf {
  return view === undefined ? leaf : view(leaf);
}

/** The same text for leaves with the same keys; short, whatever the keys are. */
function joinedKeys(keyOf: (leaf: Leaf) => string): (leaves: Joint) => string {
  const numbers = new Map<string, number>();
  return (leaves) =>
    leaves
      .map((leaf) => {
        const key = keyOf(leaf);
        const number = numbers.get(key) ?? numbers.size;
        numbers.set(key, number);
        return number;
      })
      .join();
}
