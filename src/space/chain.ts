// Rule lists as chains of which equal ones are one object, so that what is left of a list is evaluated once.

import type { Diagrams, Terminal } from "./diagram.ts";
import type { Test } from "./dimension.ts";
import { FALSE, type Formula, type Formulas, TRUE } from "./formula.ts";
import type { PlacedTest } from "./partition.ts";
import type { Leaf, Rule } from "./program.ts";

/** A rule whose outcome is a leaf. */
export interface DecidingRule extends Rule {
  readonly outcome: Leaf;
}

/** The first rule of a list and what follows it. */
export interface Chain<T> {
  readonly id: number;
  readonly when: Formula;
  readonly outcome: Terminal<T> | Chain<T>;
  /** undefined: `when` always holds. */
  readonly next: Chain<T> | undefined;
  /** The smallest dimension that it tests; infinite: none. */
  readonly first: number;
}

export function isChain<T>(outcome: Terminal<T> | Chain<T>): outcome is Chain<T> {
  return "next" in outcome;
}

/** A formula's tests of its smallest dimension. */
export interface Tested {
  readonly first: number;
  readonly tests: readonly PlacedTest[];
}

export class Chains<T> {
  readonly #formulas: Formulas;
  readonly #place: (test: Test) => PlacedTest;
  readonly #diagrams: Diagrams<T>;
  readonly #known = new Map<string, Chain<T>>();
  readonly #tested = new Map<Formula, Tested>();
  readonly #ids = new Map<Formula, number>();
  readonly #residuals = new Map<Formula, Map<string, Formula>>();

  constructor(formulas: Formulas, place: (test: Test) => PlacedTest, diagrams: Diagrams<T>) {
    this.#formulas = formulas;
    this.#place = place;
    this.#diagrams = diagrams;
  }

  /** @throws RangeError where no rule of a list always holds */
  of(rules: readonly Rule[], valueFor: (rule: DecidingRule) => T): Chain<T> {
    const made = new Map<readonly Rule[], Chain<T>>();
    const visit = (list: readonly Rule[]): Chain<T> => {
      const known = made.get(list);
      if (known !== undefined) return known;
      let chain: Chain<T> | undefined;
      for (const rule of list.toReversed()) {
        if (rule.when === FALSE) continue;
        const { outcome: decided } = rule;
        const outcome =
          "key" in decided ? this.#diagrams.terminal(valueFor(rule as DecidingRule)) : visit(decided);
        chain = this.cons(rule.when, outcome, chain);
      }
      if (chain === undefined) throw new RangeError("a list without rules");
      made.set(list, chain);
      return chain;
    };
    return visit(rules);
  }

  cons(when: Formula, outcome: Terminal<T> | Chain<T>, next: Chain<T> | undefined): Chain<T> {
    // A nested list that decides always, and one whose outcome is that of what follows, add nothing.
    if (when === TRUE && isChain(outcome)) return outcome;
    if (next !== undefined && (when === FALSE || outcome === next || outcome === alwaysOf(next))) return next;
    if (when !== TRUE && next === undefined) throw new RangeError("a list in which no rule always holds");
    const kept = when === TRUE ? undefined : next;
    const key = `${this.#idOf(when)},${isChain(outcome) ? outcome.id : `t${outcome.id}`},${kept?.id ?? ""}`;
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const first = Math.min(
      this.tested(when).first,
      isChain(outcome) ? outcome.first : Number.POSITIVE_INFINITY,
      kept?.first ?? Number.POSITIVE_INFINITY,
    );
    const made: Chain<T> = { id: this.#known.size, when, outcome, next: kept, first };
    this.#known.set(key, made);
    return made;
  }

  tested(formula: Formula): Tested {
    const known = this.#tested.get(formula);
    if (known !== undefined) return known;
    const found = this.#testedIn(formula);
    this.#tested.set(formula, found);
    return found;
  }

  #testedIn(formula: Formula): Tested {
    if (formula.kind === "constant") return { first: Number.POSITIVE_INFINITY, tests: [] };
    if (formula.kind === "not") return this.tested(formula.of);
    if (formula.kind === "test") {
      const placed = this.#place(formula.test);
      return { first: placed.dimension, tests: [placed] };
    }
    const parts = formula.of.map((part) => this.tested(part));
    const first = parts.reduce((least, part) => Math.min(least, part.first), Number.POSITIVE_INFINITY);
    const tests = parts.flatMap((part) => (part.first === first ? part.tests : []));
    return { first, tests: [...new Set(tests)] };
  }

  /** What is left of a formula where its tests of its smallest dimension hold or not, as `holds` says. */
  residual(formula: Formula, holds: (test: PlacedTest) => boolean): Formula {
    const { first, tests } = this.tested(formula);
    if (formula.kind === "test") return tests.every(holds) ? TRUE : FALSE;
    const bits = tests.map((test) => (holds(test) ? "1" : "0")).join("");
    const known = this.#residuals.get(formula) ?? new Map<string, Formula>();
    this.#residuals.set(formula, known);
    const found = known.get(bits);
    if (found !== undefined) return found;
    const left = this.#replaced(formula, first, holds, new Map());
    known.set(bits, left);
    return left;
  }

  /** `made`: of the formulas that several parts have in common, each is replaced once. */
  #replaced(
    formula: Formula,
    dimension: number,
    holds: (test: PlacedTest) => boolean,
    made: Map<Formula, Formula>,
  ): Formula {
    const { first, tests } = this.tested(formula);
    if (first !== dimension) return formula;
    if (formula.kind === "test") return tests.every(holds) ? TRUE : FALSE;
    const known = made.get(formula);
    if (known !== undefined) return known;
    const part = (one: Formula) => this.#replaced(one, dimension, holds, made);
    let left: Formula = formula;
    if (formula.kind === "not") left = this.#formulas.not(part(formula.of));
    else if (formula.kind === "and") left = this.#formulas.and(...formula.of.map(part));
    else if (formula.kind === "or") left = this.#formulas.or(...formula.of.map(part));
    made.set(formula, left);
    return left;
  }

  #idOf(formula: Formula): number {
    const id = this.#ids.get(formula) ?? this.#ids.size;
    this.#ids.set(formula, id);
    return id;
  }
}

/** The outcome of a chain that has no conditions. */
function alwaysOf<T>({ when, outcome }: Chain<T>): Terminal<T> | Chain<T> | undefined {
  return when === TRUE ? outcome : undefined;
}
