// Diagrams of lists of rules in which only some requests are of interest: those inside.
import type { Budget } from "../budget.ts";
import { DiagramBuilder } from "../build-diagram.ts";
import { type Node, valuesOf } from "../diagram.ts";
import { type Formula, type Formulas, TRUE } from "../formula.ts";
import type { Partition } from "../partition.ts";
import type { Leaf, Rule } from "../program.ts";
import type { FlowRule } from "./flow.ts";

export type Flow = readonly FlowRule[];

export const INSIDE: Leaf = { key: "inside", text: "inside" };
export const OUTSIDE: Leaf = { key: "outside", text: "outside" };

export function rule(when: Formula, outcome: Rule["outcome"]): Rule {
  return { when, outcome, at: undefined, text: "" };
}

/** The same rules; `replaced` gives those of a section, and everything else is outside. */
export function rulesThrough(
  flow: Flow,
  replaced: (section: Flow) => Rule["outcome"] | undefined,
): readonly Rule[] {
  const known = new Map<FlowRule["ends"], Rule["outcome"]>();
  const follow = (ends: FlowRule["ends"]): Rule["outcome"] => {
    if ("leaf" in ends) return OUTSIDE;
    const found =
      known.get(ends) ?? replaced(ends) ?? ends.map((entry) => rule(entry.when, follow(entry.ends)));
    known.set(ends, found);
    return found;
  };
  return [...flow.map((entry) => rule(entry.when, follow(entry.ends))), rule(TRUE, OUTSIDE)];
}

export class FlowDiagrams {
  /** How many classes each dimension has. */
  readonly counts: readonly number[];
  readonly #inside: DiagramBuilder<boolean>;
  readonly #deciding: DiagramBuilder<Rule>;

  constructor(parts: Partition, formulas: Formulas, budget: Budget) {
    this.counts = parts.dimensions.map(({ count }) => count);
    this.#inside = new DiagramBuilder(parts, formulas, budget);
    this.#deciding = new DiagramBuilder(parts, formulas, budget);
  }

  isAnyInside(rules: readonly Rule[]): boolean {
    return valuesOf(this.whereInside(rules)).has(true);
  }

  whereInside(rules: readonly Rule[]): Node<boolean> {
    return this.#inside.build(rules, ({ outcome }) => outcome === INSIDE);
  }

  whichDecides(rules: readonly Rule[]): Node<Rule> {
    return this.#deciding.build(rules, (decides) => decides);
  }
}
