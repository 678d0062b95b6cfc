// All requests of a program, as regions with one outcome: a first-match list that is proven equal to the program.
import { Budget, BudgetExceeded, type EvaluationOptions, MOST_RULES } from "./budget.ts";
import type { DecidingRule } from "./chain.ts";
import { valuesIn } from "./cubes.ts";
import { combine, Diagrams, type Node } from "./diagram.ts";
import { Evaluator } from "./evaluate.ts";
import { Members } from "./find-member.ts";
import { firstMatchList } from "./first-match.ts";
import { type DecidedFacet, Locator } from "./locate-regions.ts";
import { Names } from "./name-classes.ts";
import { isReadAs, type Values, withOptionalParts } from "./optional-parts.ts";
import { type Partition, partition } from "./partition.ts";
import type { Condition } from "./predicate.ts";
import type { Leaf, Program } from "./program.ts";
import type { Line } from "./shorten-list.ts";
import { type Witness, witnessOf } from "./witness.ts";

/** Holds for what its conditions match and no earlier region does. */
export interface Region {
  readonly conditions: readonly Condition[];
  /** By facet. */
  readonly values: ReadonlyMap<string, Leaf>;
  /** The rules that decide the first facet; the first ones where there are many. */
  readonly rules: readonly DecidingRule[];
  /** A request of the region; undefined: none was found. */
  readonly witness: Witness | undefined;
}

export interface RegionList {
  /** The last has no conditions. */
  readonly regions: readonly Region[];
  /** The list is missing: it needs more than the budget. */
  readonly incomplete: "budget" | undefined;
}

/** With the places of requests among the regions. */
export interface LocatedRegions extends RegionList {
  readonly locator: Locator | undefined;
}

export interface RegionOptions extends EvaluationOptions {
  /** Regions differ in these. Default: `answer`. */
  readonly facets?: readonly string[];
}

export function regionsOf(program: Program, options: RegionOptions): RegionList {
  return withinBudget(() => listOf(program, options).list, { regions: [], incomplete: "budget" });
}

/** `locator` is undefined where the list is missing. */
export function locatedRegionsOf(program: Program, options: RegionOptions): LocatedRegions {
  const made = (): LocatedRegions => {
    const { list, parts, lines, facet, budget } = listOf(program, options);
    return { ...list, locator: new Locator(parts, lines, facet, budget) };
  };
  return withinBudget(made, { regions: [], incomplete: "budget", locator: undefined });
}

function withinBudget<T>(make: () => T, otherwise: T): T {
  try {
    return make();
  } catch (error) {
    if (!(error instanceof BudgetExceeded)) throw error;
    return otherwise;
  }
}

/** The parts that a list is built from. */
interface Made {
  readonly parts: Partition;
  readonly lines: readonly Line<Values>[];
  readonly facet: DecidedFacet;
  readonly budget: Budget;
}

function listOf(
  program: Program,
  { formulas, facets = ["answer"], steps }: RegionOptions,
): { readonly list: RegionList } & Made {
  const budget = new Budget(steps);
  const parts = partition([program]);
  const evaluator = new Evaluator(parts, formulas, budget);
  const diagrams = new Diagrams<Values>(budget, keyOf);
  const joined = facets.reduce<Node<Values>>(
    (before, id) =>
      combine(
        before,
        evaluator.facet(program, id).values,
        diagrams,
        (values, leaf) => new Map([...values, [id, leaf]]),
      ),
    diagrams.terminal(new Map()),
  );
  const root = withOptionalParts(joined, diagrams, parts.dimensions);
  const names = new Names(parts);
  const counts = parts.dimensions.map(({ count }) => count);
  const lines = firstMatchList(root, { counts, budget, names });
  const first = facets[0] ?? "answer";
  const { decisions, viewOf } = evaluator.facet(program, first);
  const deciding = decisions();
  const facet = { deciding, viewOf };
  const members = new Members(parts);
  const regions = lines.map((line) => ({
    conditions: names.conditions(line),
    values: line.value,
    rules: valuesIn(deciding, line, MOST_RULES).filter((rule) =>
      isReadAs(viewOf(rule), line.value.get(first)),
    ),
    witness: witnessIn(members, root, line),
  }));
  return { list: { regions, incomplete: undefined }, parts, lines, facet, budget };
}

function keyOf(values: Values): string {
  return JSON.stringify([...values.values()].map(({ key }) => key));
}

function witnessIn(members: Members, root: Node<Values>, { part, value }: Line<Values>): Witness | undefined {
  const member = members.find(root, { sets: part }, (one) => keyOf(one) === keyOf(value));
  return member && witnessOf(member);
}
