// Which entries of first-match lists never decide, and which entries before them take their requests.
import { Budget, BudgetExceeded } from "./budget.ts";
import { DiagramBuilder } from "./build-diagram.ts";
import { cubesOf, valuesIn } from "./cubes.ts";
import { type Node, valuesOf } from "./diagram.ts";
import { FALSE, type Formula, type Formulas, TRUE } from "./formula.ts";
import { partition } from "./partition.ts";
import type { Leaf, Rule } from "./program.ts";

export interface Entry<T> {
  readonly when: Formula;
  readonly of: T;
}

export interface NeverDeciding<T> {
  readonly of: T;
  /** In the order of the lists; none: its condition holds for no request. */
  readonly by: readonly T[];
}

export interface Undecided<T> {
  readonly never: readonly NeverDeciding<T>[];
  /** The evaluation exceeds its budget: other entries may never decide either. */
  readonly isIncomplete: boolean;
}

/** The maximum number of parts of a condition: with more, some entries that take its requests may not be named. */
const MOST_CUBES = 200;
const LEAF: Leaf = { key: "", text: "" };

/** Requests enter one of the lists. An entry that occurs in several lists never decides only if it decides in none of them. */
export function neverDeciding<T>(
  lists: readonly (readonly Entry<T>[])[],
  formulas: Formulas,
  steps?: number,
): Undecided<T> {
  try {
    return { never: new Lists(lists, formulas, new Budget(steps)).never(), isIncomplete: false };
  } catch (error) {
    if (!(error instanceof BudgetExceeded)) throw error;
    return { never: [], isIncomplete: true };
  }
}

interface BuiltList<T> {
  readonly entries: readonly Entry<T>[];
  readonly decides: Node<T | undefined>;
}

/** The place of an entry. */
interface Place<T> {
  readonly when: Formula;
  readonly list: BuiltList<T>;
}

class Lists<T> {
  readonly #lists: readonly BuiltList<T>[];
  readonly #holds: DiagramBuilder<boolean>;
  readonly #counts: readonly number[];

  constructor(lists: readonly (readonly Entry<T>[])[], formulas: Formulas, budget: Budget) {
    const made = lists.map((entries) => ({ entries, of: new Map<Rule, T>() }));
    const listed = made.map(({ entries, of }) => {
      const rules = entries.map((entry) => {
        const rule = ruleOf(entry.when);
        of.set(rule, entry.of);
        return rule;
      });
      return { entries, of, rules: [...rules, ruleOf(TRUE)] };
    });
    const facets = listed.map(({ rules }, index) => ({ id: String(index), rules }));
    const parts = partition([{ facets, unexamined: [] }]);
    const deciding = new DiagramBuilder<T | undefined>(parts, formulas, budget);
    this.#holds = new DiagramBuilder(parts, formulas, budget);
    this.#counts = parts.dimensions.map(({ count }) => count);
    this.#lists = listed.map(({ entries, of, rules }) => ({
      entries,
      decides: deciding.build(rules, (rule) => of.get(rule)),
    }));
  }

  never(): readonly NeverDeciding<T>[] {
    const decided = new Set(this.#lists.flatMap(({ decides }) => [...valuesOf(decides)]));
    const places = new Map<T, Place<T>[]>();
    for (const list of this.#lists)
      for (const { when, of } of list.entries) {
        if (decided.has(of)) continue;
        const own = places.get(of) ?? [];
        places.set(of, own);
        own.push({ when, list });
      }
    return [...places].map(([of, own]) => ({ of, by: this.#takersAt(own) }));
  }

  #takersAt(places: readonly Place<T>[]): readonly T[] {
    const takers = new Set<T>();
    for (const { when, list } of places) {
      if (when === FALSE) continue;
      const asked = this.#holds.build(
        [ruleOf(when, ASKED), ruleOf(TRUE)],
        ({ outcome }) => outcome === ASKED,
      );
      const { cubes } = cubesOf(asked, this.#counts, (holds) => holds, MOST_CUBES);
      const found = new Set(cubes.flatMap((cube) => valuesIn(list.decides, cube)));
      for (const { of } of found.size === 0 ? [] : list.entries) if (found.has(of)) takers.add(of);
    }
    return [...takers];
  }
}

const ASKED: Leaf = { key: "asked", text: "asked" };

function ruleOf(when: Formula, outcome: Leaf = LEAF): Rule {
  return { when, outcome, at: undefined, text: "" };
}
