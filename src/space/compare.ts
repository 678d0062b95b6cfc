// Compares two programs: for every facet the parts of the space where its value differs, or the proof that there are none.
import { Budget, BudgetExceeded } from "./budget.ts";
import type { DecidingRule } from "./chain.ts";
import { type Cube, cubesOf, mergedCubes, valuesIn } from "./cubes.ts";
import { combine, Diagrams, type Node } from "./diagram.ts";
import type { UnknownDimension } from "./dimension.ts";
import { type EvaluatedFacet, Evaluation } from "./evaluate.ts";
import { Members } from "./find-member.ts";
import type { Formulas } from "./formula.ts";
import { Names } from "./name-classes.ts";
import { type Partition, partition } from "./partition.ts";
import type { Condition } from "./predicate.ts";
import type { Leaf, Program } from "./program.ts";
import { type Witness, witnessOf } from "./witness.ts";

export interface Comparison {
  /** Every facet of either program. */
  readonly facets: readonly ComparedFacet[];
  readonly unexamined: { readonly before: Program["unexamined"]; readonly after: Program["unexamined"] };
}

/** Without changed and undecided regions, and complete: proven equal for all requests. */
export interface ComparedFacet {
  readonly id: string;
  readonly changed: readonly ChangedRegion[];
  /** Regions that differ only if something holds that is not known, or by a value that is not known. */
  readonly undecided: readonly UndecidedRegion[];
  /** Why more may differ than is listed; undefined: nothing does. */
  readonly incomplete: "budget" | "more regions" | undefined;
}

/** Disjoint from the others of its facet. */
export interface ChangedRegion {
  readonly conditions: readonly Condition[];
  readonly before: Leaf;
  readonly after: Leaf;
  /** The rules that decide, on each side; the first ones where there are many. */
  readonly rules: { readonly before: readonly DecidingRule[]; readonly after: readonly DecidingRule[] };
  readonly witness: Witness;
}

export interface UndecidedRegion extends ChangedRegion {
  readonly dependsOn: readonly Pick<UnknownDimension, "text" | "at">[];
}

export interface CompareOptions {
  /** Of both programs. */
  readonly formulas: Formulas;
  /** About a million a second. */
  readonly steps?: number;
  /** Of one facet. */
  readonly mostRegions?: number;
}

const STEPS = 20_000_000;
const MOST_REGIONS = 500;
const MOST_RULES = 10;

export function comparePrograms(before: Program, after: Program, options: CompareOptions): Comparison {
  const { formulas, steps = STEPS, mostRegions = MOST_REGIONS } = options;
  const parts = partition([before, after]);
  const budget = new Budget(steps);
  const leaves = new Diagrams<Leaf>(budget, ({ key }) => key);
  const evaluated = (program: Program) => new Evaluation(program, parts, formulas, leaves, budget);
  const context: Context = {
    parts,
    budget,
    mostRegions,
    names: new Names(parts),
    members: new Members(parts),
    counts: parts.dimensions.map(({ count }) => count),
    oneSided: oneSidedUnknowns(parts, before, after),
  };
  const sides = { before: evaluated(before), after: evaluated(after) };
  const ids = [...new Set([...before.facets, ...after.facets].map(({ id }) => id))];
  return {
    facets: ids.map((id) => comparedFacet(context, id, sides)),
    unexamined: { before: before.unexamined, after: after.unexamined },
  };
}

interface Context {
  readonly parts: Partition;
  readonly budget: Budget;
  readonly mostRegions: number;
  readonly names: Names;
  readonly members: Members;
  readonly counts: readonly number[];
  /** Unknown conditions that only one of the programs has: whether both hold together is not known. */
  readonly oneSided: ReadonlySet<number>;
}

function oneSidedUnknowns(parts: Partition, before: Program, after: Program): ReadonlySet<number> {
  const [old, now] = [parts.dimensionsOf(before), parts.dimensionsOf(after)];
  return new Set(
    parts.dimensions.flatMap(({ dimension }, index) =>
      dimension.kind === "unknown" && old.has(index) !== now.has(index) ? [index] : [],
    ),
  );
}

function comparedFacet(
  context: Context,
  id: string,
  sides: { readonly before: Evaluation; readonly after: Evaluation },
): ComparedFacet {
  try {
    const [before, after] = [sides.before.facet(id), sides.after.facet(id)];
    if (before.values === after.values) return { id, changed: [], undecided: [], incomplete: undefined };
    return differing(context, id, before, after);
  } catch (error) {
    if (!(error instanceof BudgetExceeded)) throw error;
    return { id, changed: [], undecided: [], incomplete: "budget" };
  }
}

/** Before and after; undefined: the same. */
type Change = { readonly before: Leaf; readonly after: Leaf } | undefined;

function keyOf(change: Change): string {
  return change === undefined ? "" : JSON.stringify([change.before.key, change.after.key]);
}

function differing(
  context: Context,
  id: string,
  before: EvaluatedFacet,
  after: EvaluatedFacet,
): ComparedFacet {
  const { budget, counts, mostRegions } = context;
  const changes = new Diagrams<Change>(budget, keyOf);
  const root = combine(before.values, after.values, changes, (old, now) =>
    old.key === now.key ? undefined : { before: old, after: now },
  );
  const { cubes, all } = cubesOf(root, counts, (change) => change !== undefined, mostRegions);
  const changed: ChangedRegion[] = [];
  const undecided: UndecidedRegion[] = [];
  for (const cube of mergedCubes(cubes, keyOf)) {
    const region = regionOf(context, root, cube, { before, after });
    if (region === undefined) continue;
    const dependsOn = dependencies(context, cube);
    if (dependsOn.length === 0) changed.push(region);
    else undecided.push({ ...region, dependsOn });
  }
  return { id, changed, undecided, incomplete: all ? undefined : "more regions" };
}

function regionOf(
  { parts, names, members, counts }: Context,
  root: Node<Change>,
  cube: Cube<Change>,
  sides: { readonly before: EvaluatedFacet; readonly after: EvaluatedFacet },
): ChangedRegion | undefined {
  const { value } = cube;
  const wanted = keyOf(value);
  const member = members.find(root, cube, (change) => keyOf(change) === wanted);
  if (member === undefined || value === undefined) return undefined;
  const conditions = [...cube.sets].flatMap(([dimension, classes]) => {
    const on = parts.dimensions[dimension]?.dimension;
    return on === undefined ? [] : [{ on, is: names.of(dimension, classes) }];
  });
  const rules = ({ decisions, viewOf }: EvaluatedFacet, { key }: Leaf) =>
    valuesIn(decisions, cube, counts, MOST_RULES).filter((rule) => viewOf(rule).key === key);
  return {
    conditions,
    ...value,
    rules: { before: rules(sides.before, value.before), after: rules(sides.after, value.after) },
    witness: witnessOf(member),
  };
}

function dependencies(
  { parts, oneSided }: Context,
  { value, sets }: Cube<Change>,
): UndecidedRegion["dependsOn"] {
  const conditions = [...sets.keys()].flatMap((dimension) => {
    const on = parts.dimensions[dimension]?.dimension;
    return on?.kind === "unknown" && oneSided.has(dimension) ? [on] : [];
  });
  return [...conditions, ...(value?.before.dependsOn ?? []), ...(value?.after.dependsOn ?? [])];
}
