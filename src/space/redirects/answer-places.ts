// When rules give each answer, as formulas; and which hosts its conditions name.
import type { Budget } from "../budget.ts";
import type { Test, TextTest } from "../dimension.ts";
import { FALSE, type Formula, type Formulas, TRUE } from "../formula.ts";
import type { Leaf, Program, Rule } from "../program.ts";
import { passes } from "../text/values.ts";
import { PlaceIndex, type PlaceRequirements, type RequiredPlace } from "./place-index.ts";

export interface AnswerPlace {
  readonly leaf: Leaf;
  /** The first of its rules. */
  readonly rule: Rule;
  /** The conditions of its rules, without what the rules before them take. */
  readonly where: Formula;
}

export class AnswerPlaces {
  readonly #rules: readonly Rule[];
  readonly #formulas: Formulas;
  readonly #budget: Budget;
  readonly #requirements: PlaceRequirements;
  readonly #indexes = new Map<readonly Rule[], PlaceIndex<number>>();

  constructor(
    rules: readonly Rule[],
    formulas: Formulas,
    { budget, requirements }: { readonly budget: Budget; readonly requirements: PlaceRequirements },
  ) {
    this.#rules = rules;
    this.#formulas = formulas;
    this.#budget = budget;
    this.#requirements = requirements;
  }

  /** Of some answers, without some rules. */
  all(isIncluded: (leaf: Leaf) => boolean, isSkipped: (rule: Rule) => boolean): readonly AnswerPlace[] {
    const known = new Map<readonly Rule[], ReadonlyMap<string, AnswerPlace>>();
    const placesIn = (rules: readonly Rule[]): ReadonlyMap<string, AnswerPlace> => {
      const found = known.get(rules);
      if (found !== undefined) return found;
      const parts = new Map<string, Pick<AnswerPlace, "leaf" | "rule"> & { readonly where: Formula[] }>();
      const add = ({ leaf, rule, where }: AnswerPlace) => {
        const place = parts.get(leaf.key) ?? { leaf, rule, where: [] };
        parts.set(leaf.key, place);
        place.where.push(where);
      };
      for (const rule of rules) {
        const { when, outcome } = rule;
        if (isSkipped(rule)) continue;
        if (!("key" in outcome))
          for (const place of placesIn(outcome).values())
            add({ ...place, where: this.#formulas.and(when, place.where) });
        else if (isIncluded(outcome)) add({ leaf: outcome, rule, where: when });
      }
      const made = new Map(
        [...parts].map(([key, { where, ...place }]) => [
          key,
          { ...place, where: this.#formulas.or(...where) },
        ]),
      );
      known.set(rules, made);
      return made;
    };
    return [...placesIn(this.#rules).values()];
  }

  /**
   * When the rules give the answer, for the requests of this place.
   * @throws BudgetExceeded
   */
  within({ key }: Leaf, place: RequiredPlace): Formula {
    const formulas = this.#formulas;
    const known = new Map<readonly Rule[], Formula>();
    const decides = ({ outcome }: Rule): Formula => {
      if (!("key" in outcome)) return inside(outcome);
      return outcome.key === key ? TRUE : FALSE;
    };
    const inside = (rules: readonly Rule[]): Formula => {
      const found = known.get(rules);
      if (found !== undefined) return found;
      const own = this.#rulesFor(rules, place);
      this.#budget.spend(own.length);
      let result: Formula = FALSE;
      // The rules before the last one that gives it, since the one before that.
      let others: Formula[] = [];
      for (const rule of own.toReversed()) {
        const inner = decides(rule);
        const not = formulas.not(rule.when);
        if (inner === FALSE) others.push(not);
        else {
          result = formulas.or(formulas.and(rule.when, inner), formulas.and(result, not, ...others));
          others = [];
        }
      }
      const made = formulas.and(result, ...others);
      known.set(rules, made);
      return made;
    };
    return inside(this.#rules);
  }

  /** Without those that hold for no request of the place. */
  #rulesFor(rules: readonly Rule[], place: RequiredPlace): readonly Rule[] {
    if (rules.length < FEW) return rules;
    const index =
      this.#indexes.get(rules) ??
      new PlaceIndex([...rules.keys()], (one) => this.#requirements.of(rules[one]?.when ?? TRUE));
    this.#indexes.set(rules, index);
    const found = [...index.matching(place)].sort((a, b) => a - b);
    return found.flatMap((one) => rules[one] ?? []);
  }
}

/** Shorter lists are not indexed. */
const FEW = 20;

/** The rules for each listener. */
export function rulesByListener(
  answers: readonly Rule[],
  names: Iterable<string>,
): ReadonlyMap<string, readonly Rule[]> {
  const found = new Map<string, readonly Rule[]>();
  for (const { when, outcome } of answers) {
    if ("key" in outcome) continue;
    const test = when.kind === "test" ? when.test.test : undefined;
    for (const name of test?.kind === "one-of" ? test.values : names)
      if (!found.has(name)) found.set(name, outcome);
  }
  return found;
}

/** Whether a condition on the Host, `hdr(host) -i a.example` or `hdr_beg(host) www.`, holds for a host. */
export function hostsIn({ facets }: Program): (host: string) => boolean {
  const tests = new Set<TextTest>();
  const seen = new Set<Formula | readonly Rule[]>();
  const addTest = ({ test }: Test): void => {
    if ("ignoreCase" in test || test.kind === "any") tests.add(test);
  };
  const inFormula = (formula: Formula): void => {
    if (seen.has(formula)) return;
    seen.add(formula);
    if (formula.kind === "test" && formula.test.on.id === "host") addTest(formula.test);
    else if (formula.kind === "not") inFormula(formula.of);
    else if (formula.kind === "and" || formula.kind === "or") formula.of.forEach(inFormula);
  };
  const inRules = (rules: readonly Rule[]): void => {
    if (seen.has(rules)) return;
    seen.add(rules);
    for (const { when, outcome } of rules) {
      inFormula(when);
      if (!("key" in outcome)) inRules(outcome);
    }
  };
  inRules(facets.find(({ id }) => id === "answer")?.rules ?? []);
  return (host) => [...tests].some((test) => names(test, host));
}

const UNRELATED_HOST = "unrelated.invalid";

function names(test: TextTest, host: string): boolean {
  if (test.kind === "any") return test.tests.some((one) => names(one, host));
  if (test.kind === "present" || passes(test, host) !== true) return false;
  // `hdr_reg(host) .` holds for every host.
  return test.kind !== "pattern" || passes(test, UNRELATED_HOST) !== true;
}
