// Compares two programs: for every facet the parts of the space where its value differs, or the proof that there are none.
import { Budget, BudgetExceeded, type EvaluationOptions, MOST_RULES } from "./budget.ts";
import type { DecidingRule } from "./chain.ts";
import { type Cube, cubesOf, mergedCubes, valuesIn } from "./cubes.ts";
import { combine, Diagrams, type Node } from "./diagram.ts";
import type { UnknownDimension } from "./dimension.ts";
import { type EvaluatedFacet, Evaluator } from "./evaluate.ts";
import { type Member, Members } from "./find-member.ts";
import { Names } from "./name-classes.ts";
import { type Partition, partition } from "./partition.ts";
import type { Condition } from "./predicate.ts";
import { type Facet, type Leaf, type Program, UNCHANGED } from "./program.ts";
import { type Witness, witnessOf } from "./witness.ts";

export interface Sides<T> {
  readonly before: T;
  readonly after: T;
}

export interface Comparison {
  /** Every facet of either program. */
  readonly facets: readonly ComparedFacet[];
  readonly unexamined: Sides<Program["unexamined"]>;
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
  /** The rules that decide; the first ones where there are many. */
  readonly rules: Sides<readonly DecidingRule[]>;
  readonly witness: Witness;
  /** Of a changed answer: other facets that differ, too, for some of its requests. They are not listed again. */
  readonly also: readonly (Sides<Leaf> & { readonly id: string })[];
}

export interface UndecidedRegion extends ChangedRegion {
  readonly dependsOn: readonly Pick<UnknownDimension, "text" | "at">[];
}

export interface CompareOptions extends EvaluationOptions {
  /** Of one facet. */
  readonly mostRegions?: number;
  /** Requests that rules of different keys decide are in different regions, as long as there are not too many. Default: equal keys. */
  readonly ruleKey?: (rule: DecidingRule, side: keyof Sides<unknown>) => string;
}

const MOST_REGIONS = 500;

const NO_MEMBER = { text: "whether a request has these values, of which none was found", at: undefined };
/** The facet that others follow from. */
const ANSWER = "answer";

export function comparePrograms(before: Program, after: Program, options: CompareOptions): Comparison {
  const facets = [...before.facets, ...after.facets];
  const comparer = new Comparer(before, after, options);
  return {
    facets: [...new Map(facets.map((facet) => [facet.id, facet])).values()].map((facet) =>
      comparer.compare(facet),
    ),
    unexamined: { before: before.unexamined, after: after.unexamined },
  };
}

/** Before and after; undefined: the same. */
type Change = (Sides<Leaf> & { readonly ruleKeys?: string }) | undefined;

function keyOf(change: Change): string {
  if (change === undefined) return "";
  const { before, after, ruleKeys = "" } = change;
  return JSON.stringify([before.key, after.key, ruleKeys]);
}

interface Divided {
  readonly root: Node<Change>;
  readonly cubes: readonly Cube<Change>[];
  readonly all: boolean;
}

class Comparer {
  readonly #parts: Partition;
  readonly #counts: readonly number[];
  readonly #names: Names;
  readonly #members: Members;
  readonly #mostRegions: number;
  readonly #ruleKey: CompareOptions["ruleKey"];
  readonly #dependentFacets: readonly string[];
  /** Unknown conditions that only one of the programs has: whether they hold together with others is not known. */
  readonly #oneSided: ReadonlySet<number>;
  readonly #programs: Sides<Program>;
  readonly #evaluator: Evaluator;
  readonly #changes: Diagrams<Change>;
  readonly #known = new Map<string, Node<Change>>();

  constructor(before: Program, after: Program, options: CompareOptions) {
    const { formulas, steps, mostRegions = MOST_REGIONS, ruleKey } = options;
    const budget = new Budget(steps);
    const parts = partition([before, after]);
    this.#parts = parts;
    this.#counts = parts.dimensions.map(({ count }) => count);
    this.#names = new Names(parts);
    this.#members = new Members(parts);
    this.#mostRegions = mostRegions;
    this.#ruleKey = ruleKey;
    this.#oneSided = oneSidedUnknowns(parts, before, after);
    this.#programs = { before, after };
    this.#evaluator = new Evaluator(parts, formulas, budget);
    this.#changes = new Diagrams(budget, keyOf);
    const dependent = [...before.facets, ...after.facets].filter(
      ({ id, independent }) => id !== ANSWER && independent !== true,
    );
    this.#dependentFacets = [...new Set(dependent.map(({ id }) => id))];
  }

  compare({ id }: Facet): ComparedFacet {
    try {
      const changes = this.#changesOf(id);
      return this.#regions(id, this.#dependentFacets.includes(id) ? this.#beside(changes) : changes);
    } catch (error) {
      if (!(error instanceof BudgetExceeded)) throw error;
      return { id, changed: [], undecided: [], incomplete: "budget" };
    }
  }

  #evaluated(id: string): Sides<EvaluatedFacet> {
    const { before, after } = this.#programs;
    return { before: this.#evaluator.facet(before, id), after: this.#evaluator.facet(after, id) };
  }

  #changesOf(id: string): Node<Change> {
    const known = this.#known.get(id);
    if (known !== undefined) return known;
    const { before, after } = this.#evaluated(id);
    const changeOf = (old: Leaf, now: Leaf) =>
      old.key === now.key ? undefined : { before: old, after: now };
    const made =
      before.values === after.values
        ? this.#changes.terminal(undefined)
        : combine(before.values, after.values, this.#changes, changeOf);
    this.#known.set(id, made);
    return made;
  }

  /** Without the requests whose answer differs: what follows from that is told with it. */
  #beside(changes: Node<Change>): Node<Change> {
    if (changes === this.#changes.terminal(undefined)) return changes;
    return combine(changes, this.#changesOf(ANSWER), this.#changes, (change, answer) =>
      answer === undefined ? change : undefined,
    );
  }

  #regions(id: string, whole: Node<Change>): ComparedFacet {
    const { root, cubes, all } = this.#divided(id, whole);
    const found = mergedCubes(cubes, keyOf).flatMap((cube) => {
      const member = this.#memberOf(root, cube);
      return member === undefined ? [] : [{ cube, member }];
    });
    const rulesOf = this.#rules(
      id,
      found.map(({ cube }) => cube),
    );
    const changed: ChangedRegion[] = [];
    const undecided: UndecidedRegion[] = [];
    for (const { cube, member } of found) {
      const region = this.#region(id, cube, member, rulesOf(cube));
      const dependsOn = this.#dependencies(cube, member.sure);
      if (dependsOn.length === 0) changed.push(region);
      else undecided.push({ ...region, dependsOn });
    }
    return { id, changed, undecided, incomplete: all ? undefined : "more regions" };
  }

  /** The rules that decide in one of the cubes. */
  #rules(id: string, cubes: readonly Cube<Change>[]): (cube: Cube<Change>) => ChangedRegion["rules"] {
    if (cubes.length === 0) return () => ({ before: [], after: [] });
    const { before, after } = this.#evaluated(id);
    const rulesOf = ({ decisions, viewOf }: EvaluatedFacet) => {
      const deciding = decisions(cubes);
      return (cube: Cube<Change>, value: Leaf | undefined) =>
        valuesIn(deciding, cube, MOST_RULES).filter((rule) => viewOf(rule).key === value?.key);
    };
    const [old, now] = [rulesOf(before), rulesOf(after)];
    return (cube) => ({ before: old(cube, cube.value?.before), after: now(cube, cube.value?.after) });
  }

  #cubes(root: Node<Change>): Divided {
    return {
      root,
      ...cubesOf(root, this.#counts, (change) => change !== undefined, this.#mostRegions),
    };
  }

  /** Separated by the keys of rules, if the number of cubes stays small enough. */
  #divided(id: string, whole: Node<Change>): Divided {
    const found = this.#cubes(whole);
    const keyOfRule = this.#ruleKey;
    if (keyOfRule === undefined || found.cubes.length === 0 || !found.all) return found;
    const same = this.#changes.terminal(undefined);
    const { before, after } = this.#evaluated(id);
    const along = (
      changes: Node<Change>,
      { decisions }: EvaluatedFacet,
      side: keyof Sides<unknown>,
    ): Node<Change> =>
      combine(
        changes,
        decisions(found.cubes),
        this.#changes,
        (change, rule) =>
          change && { ...change, ruleKeys: `${change.ruleKeys ?? ""}\n${keyOfRule(rule, side)}` },
        (change) => (change === undefined ? same : undefined),
      );
    const divided = this.#cubes(along(along(whole, before, "before"), after, "after"));
    return divided.all ? divided : found;
  }

  /** undefined: no request is in the cube, which the answers of separate tests exclude. */
  #memberOf(root: Node<Change>, cube: Cube<Change>) {
    const wanted = keyOf(cube.value);
    return this.#members.find(root, cube, (change) => keyOf(change) === wanted);
  }

  #region(id: string, cube: Cube<Change>, member: Member, rules: ChangedRegion["rules"]): ChangedRegion {
    return {
      conditions: this.#names.conditions(cube),
      ...(cube.value ?? { before: UNCHANGED, after: UNCHANGED }),
      rules,
      witness: witnessOf(member),
      also: id === ANSWER ? this.#also(cube) : [],
    };
  }

  #also(cube: Cube<Change>): ChangedRegion["also"] {
    return this.#dependentFacets.flatMap((id) => {
      const found = valuesIn(this.#changesOf(id), cube, 2);
      const change = found.find((one) => one !== undefined);
      return change === undefined ? [] : [{ id, ...change }];
    });
  }

  /** `sure`: a member of the region is known. */
  #dependencies({ value, sets }: Cube<Change>, sure: boolean): UndecidedRegion["dependsOn"] {
    const conditions = [...sets.keys()].flatMap((dimension) => {
      const on = this.#parts.dimensions[dimension]?.dimension;
      if (on?.kind !== "unknown") return [];
      const undecided = this.#parts.separate.has(dimension) ? !sure : this.#oneSided.has(dimension);
      return undecided ? [on] : [];
    });
    const values = [...(value?.before.dependsOn ?? []), ...(value?.after.dependsOn ?? [])];
    const unsure = sure || conditions.length > 0 ? [] : [NO_MEMBER];
    return [...conditions, ...values, ...unsure];
  }
}

function oneSidedUnknowns(parts: Partition, before: Program, after: Program): ReadonlySet<number> {
  const [old, now] = [parts.dimensionsOf(before), parts.dimensionsOf(after)];
  return new Set(
    parts.dimensions.flatMap(({ dimension }, index) =>
      dimension.kind === "unknown" && old.has(index) !== now.has(index) ? [index] : [],
    ),
  );
}
