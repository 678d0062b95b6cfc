// Which rules of a haproxy.cfg no request reaches, and which rules take their requests.
import type { Position } from "../../findings/finding.ts";
import type { HaproxyLine } from "../../wiring/haproxy/config.ts";
import type { HaproxyProxy } from "../../wiring/haproxy/wiring.ts";
import { Budget, BudgetExceeded } from "../budget.ts";
import { valuesOf } from "../diagram.ts";
import { FALSE, type Formula, Formulas, TRUE } from "../formula.ts";
import { partition } from "../partition.ts";
import type { Rule } from "../program.ts";
import { evaluateFlow, type HaproxyInput } from "./evaluate-haproxy.ts";
import { type Flow, FlowDiagrams, INSIDE, OUTSIDE, rule, rulesThrough } from "./flow-diagrams.ts";
import { ANOTHER } from "./header-lines.ts";
import type { MapEntry } from "./map-file.ts";
import { type UnreachedEntry, unreachedEntries } from "./map-reach.ts";
import type { PlacedLookup, RulePlace, World } from "./scope.ts";
import { isBounded } from "./several-values.ts";
import { type Shadow, ShadowingRules } from "./shadowing-rules.ts";
import type { TracedRule, TracedTerm } from "./trace.ts";

/** A line, in every section and for every frontend that runs it. */
export interface ExaminedRule {
  readonly line: HaproxyLine;
  readonly at: Position | undefined;
  readonly text: string;
  readonly runs: readonly TracedRule[];
  readonly state: RuleState;
  /** The part of its condition that holds for no request: for each alternative of an `or`, the terms that exclude each other. */
  readonly impossible: readonly (readonly TracedTerm[])[];
  /** Its condition holds for every request. */
  readonly isAlwaysTrue: boolean;
}

export type RuleState =
  /** Some request may reach it. */
  | { readonly kind: "reached" }
  /** Its condition holds for no request. */
  | { readonly kind: "impossible" }
  /** Rules before it take every request that its condition holds for; none: those that lead to its section. */
  | { readonly kind: "shadowed"; readonly by: readonly Shadow[] };

export interface RuleReach {
  readonly rules: readonly ExaminedRule[];
  /** The evaluation exceeds its budget: other rules may be unreachable as well. */
  readonly isIncomplete: boolean;
  readonly entries: readonly UnreachedEntry[];
}

/** About a second. */
const STEPS = 2_000_000;

/** A rule that depends on something that is not evaluated counts as reached. */
export function examineRules(input: Omit<HaproxyInput, "trace" | "everyRequest">): RuleReach {
  const formulas = new Formulas();
  const traced: TracedRule[] = [];
  const evaluated = evaluateFlow(
    { ...input, everyRequest: true, trace: (rule) => traced.push(rule) },
    formulas,
  );
  if (evaluated.flow.length === 0) return { rules: [], isIncomplete: false, entries: [] };
  const { flow, world } = evaluated;
  const examination = new Examination(flow, traced, world, formulas);
  const { rules, isIncomplete } = examination.examine();
  try {
    const entries = unreachedEntries(world, (placed) => examination.takenEntries(placed));
    return { rules, isIncomplete, entries };
  } catch (error) {
    if (!(error instanceof BudgetExceeded)) throw error;
    return { rules, isIncomplete: true, entries: unreachedEntries(world, () => new Map()) };
  }
}

class Examination {
  readonly #flow: Flow;
  readonly #traced: readonly TracedRule[];
  readonly #partlyRun: ReadonlySet<HaproxyProxy>;
  readonly #formulas: Formulas;
  readonly #diagrams: FlowDiagrams;
  readonly #entryDiagrams: FlowDiagrams;
  readonly #shadowing: ShadowingRules;
  /** Whether conditions test several values of a header, parameter or cookie. */
  readonly #hasSeveral: boolean;
  readonly #satisfiable = new Map<Formula, boolean>();
  readonly #frontends: ReadonlySet<Flow>;

  constructor(
    flow: Flow,
    traced: readonly TracedRule[],
    { partlyRun, lookups }: Pick<World, "partlyRun" | "lookups">,
    formulas: Formulas,
  ) {
    this.#flow = flow;
    this.#traced = traced.filter(({ phase }) => phase === "request");
    this.#partlyRun = partlyRun;
    this.#formulas = formulas;
    this.#frontends = new Set(flow.flatMap(({ ends }) => ("leaf" in ends ? [] : [ends])));
    const terms = this.#traced.flatMap(({ condition }) => condition?.anyOf.flat() ?? []);
    const conditions = [
      ...this.#traced.flatMap(({ runs, when }) => [runs, when]),
      ...terms.map(({ holds }) => holds),
      ...[...lookups.values()]
        .flatMap(({ placed }) => placed.flatMap(({ entries }) => entries))
        .map(({ when }) => when),
    ];
    const facets = [
      { id: "answer", rules: rulesThrough(flow, () => undefined) },
      { id: "conditions", rules: [...conditions, TRUE].map((when) => rule(when, OUTSIDE)) },
    ];
    const parts = partition([{ facets, unexamined: [] }]);
    this.#hasSeveral = parts.dimensions.some(({ dimension }) => dimension.id.includes(ANOTHER));
    this.#diagrams = new FlowDiagrams(parts, formulas, new Budget(STEPS));
    this.#entryDiagrams = new FlowDiagrams(parts, formulas, new Budget(STEPS));
    this.#shadowing = new ShadowingRules(this.#traced, this.#diagrams);
  }

  examine(): Omit<RuleReach, "entries"> {
    const lines = new Map<HaproxyLine, TracedRule[]>();
    for (const one of this.#traced) {
      if (one.line === undefined) continue;
      const runs = lines.get(one.line) ?? [];
      lines.set(one.line, runs);
      runs.push(one);
    }
    const rules: ExaminedRule[] = [];
    try {
      const reached = this.#surelyReached();
      for (const [line, runs] of lines) rules.push(...this.#examined(line, runs, reached));
      return { rules, isIncomplete: false };
    } catch (error) {
      if (!(error instanceof BudgetExceeded)) throw error;
      return { rules, isIncomplete: true };
    }
  }

  #examined(
    line: HaproxyLine,
    runs: readonly TracedRule[],
    reached: ReadonlySet<TracedRule>,
  ): readonly ExaminedRule[] {
    const [first] = runs;
    if (first === undefined || runs.some((one) => !this.#isFollowed(one))) return [];
    const state = this.#stateOf(runs, reached);
    const impossible = this.#impossibleIn(runs);
    const isAlwaysTrue =
      state.kind === "reached" &&
      runs.every(
        ({ condition, runs: own }) =>
          condition !== undefined && !this.#isSatisfiable(this.#formulas.not(own)),
      );
    return [{ line, at: first.at, text: first.text, runs, state, impossible, isAlwaysTrue }];
  }

  /** A section that is also reached otherwise, and a rule behind an action that is not followed, may be reached. */
  #isFollowed({ proxy, isExact }: Pick<TracedRule, "proxy" | "isExact">): boolean {
    return isExact && !this.#partlyRun.has(proxy);
  }

  #stateOf(runs: readonly TracedRule[], reached: ReadonlySet<TracedRule>): RuleState {
    if (runs.some((one) => reached.has(one))) return { kind: "reached" };
    if (runs.every((one) => !this.#isSatisfiable(one.runs))) return { kind: "impossible" };
    if (runs.some((one) => this.#isReached(one))) return { kind: "reached" };
    const by = runs.flatMap((one) => this.#shadowing.of(one));
    const places = new Map(
      by.map((shadow) => [`${shadow.at?.file}:${shadow.at?.line} ${shadow.text}`, shadow]),
    );
    const all = [...places.values()];
    const whole = all.filter(({ always }) => always);
    return { kind: "shadowed", by: whole.length > 0 ? whole : all };
  }

  #impossibleIn(runs: readonly TracedRule[]): readonly (readonly TracedTerm[])[] {
    const [first] = runs;
    const each = runs.map((one) => this.#alternatives(one));
    return (first?.condition?.anyOf ?? []).flatMap((terms, index) => {
      const isImpossible = each.every((alternatives) => !this.#isSatisfiable(alternatives[index] ?? TRUE));
      return isImpossible ? [this.#excluding(terms)] : [];
    });
  }

  /** The fewest terms of an alternative that exclude each other. */
  #excluding(terms: readonly TracedTerm[]): readonly TracedTerm[] {
    const excludes = (some: readonly TracedTerm[]) =>
      !this.#isSatisfiable(this.#formulas.and(...some.map(({ holds }) => holds)));
    const alone = terms.find((term) => excludes([term]));
    if (alone !== undefined) return [alone];
    const pairs = terms.flatMap((one, index) => terms.slice(index + 1).map((other) => [one, other]));
    return pairs.find(excludes) ?? terms;
  }

  #alternatives({ condition }: TracedRule): readonly Formula[] {
    const anyOf = condition?.anyOf ?? [];
    return anyOf.map((terms) => this.#formulas.and(...terms.map(({ holds }) => holds)));
  }

  #isSatisfiable(formula: Formula): boolean {
    if (formula.kind === "constant") return formula.value;
    const known =
      this.#satisfiable.get(formula) ??
      (this.#diagrams.isAnyInside([rule(formula, INSIDE), rule(TRUE, OUTSIDE)]) ||
        !this.#isBounded([formula]));
    this.#satisfiable.set(formula, known);
    return known;
  }

  #isBounded(conditions: readonly Formula[]): boolean {
    return !this.#hasSeveral || isBounded(conditions);
  }

  /** #surelyReached contains all rules that end requests. */
  #isReached(one: TracedRule): boolean {
    if (one.when === FALSE) return false;
    const { flow, before, when, ends } = one;
    const taken = flow.slice(0, before);
    if (!ends) {
      const own = [
        ...taken.map((entry) => rule(entry.when, OUTSIDE)),
        rule(when, INSIDE),
        rule(TRUE, OUTSIDE),
      ];
      const whole = rulesThrough(this.#flow, (section) => (section === flow ? own : undefined));
      if (this.#diagrams.isAnyInside(whole)) return true;
    }
    return !this.#isCertain(one);
  }

  /** Whether a condition that holds for no request behind the rules before it holds for none with several values of a header either. */
  #isCertain({ flow, before, when }: Pick<TracedRule, "flow" | "before" | "when">): boolean {
    if (!this.#hasSeveral) return true;
    const conditions = [when, ...flow.slice(0, before).map((entry) => this.#formulas.not(entry.when))];
    return isBounded(this.#frontends.has(flow) ? conditions : [...conditions, ...this.#leading()]);
  }

  /**
   * Entries of maps whose requests the rules before each lookup take.
   * @throws BudgetExceeded
   */
  takenEntries(placed: readonly PlacedLookup[]): ReadonlyMap<MapEntry, readonly Shadow[]> {
    const reached = new Set<MapEntry>();
    const taken = new Map<MapEntry, Shadow[]>();
    for (const { rule: place, entries } of placed) {
      const found = place && this.#isFollowed(place) ? this.#entriesReached(place, entries) : undefined;
      for (const { entry, when } of entries) {
        const isReached = found === undefined || place === undefined || found.has(entry);
        if (isReached || !this.#isCertain({ ...place, when })) reached.add(entry);
        else taken.set(entry, [...(taken.get(entry) ?? []), ...this.#shadowing.of({ ...place, runs: when })]);
      }
    }
    for (const entry of reached) taken.delete(entry);
    return taken;
  }

  /** undefined: no request reaches the rule, which is another finding. */
  #entriesReached(
    { flow, before }: RulePlace,
    entries: PlacedLookup["entries"],
  ): ReadonlySet<MapEntry> | undefined {
    const markers = new Map(entries.map(({ entry, when }) => [rule(when, INSIDE), entry]));
    const rest = rule(TRUE, INSIDE);
    const earlier = flow.slice(0, before).map((entry) => rule(entry.when, OUTSIDE));
    const own = [...earlier, ...markers.keys(), rest];
    const whole = rulesThrough(this.#flow, (section) => (section === flow ? own : undefined));
    const decided = valuesOf(this.#entryDiagrams.whichDecides(whole));
    const found = new Set([...markers].flatMap(([one, entry]) => (decided.has(one) ? [entry] : [])));
    return found.size > 0 || decided.has(rest) ? found : undefined;
  }

  /** The conditions of the rules that lead to backends, and their opposites. */
  #leading(): readonly Formula[] {
    const conditions = [...this.#frontends].flatMap((entries) => entries.map(({ when }) => when));
    return conditions.flatMap((when) => [when, this.#formulas.not(when)]);
  }

  /** Rules that a request obviously reaches. */
  #surelyReached(): ReadonlySet<TracedRule> {
    const markers = new Map<Rule, TracedRule>();
    const bySection = Map.groupBy(this.#traced, ({ flow }) => flow);
    const marked = (section: Flow, withOthers: boolean): readonly Rule[] | undefined => {
      const own = bySection.get(section);
      if (own === undefined) return undefined;
      const rules: Rule[] = [];
      const at = Map.groupBy(own, ({ before }) => before);
      for (let index = 0; index <= section.length; index += 1) {
        for (const one of at.get(index) ?? []) {
          if (!one.ends && (!withOthers || one.when === TRUE)) continue;
          const made = rule(one.when, INSIDE);
          markers.set(made, one);
          rules.push(made);
        }
        const entry = section[index];
        if (entry !== undefined) rules.push(rule(entry.when, OUTSIDE));
      }
      return [...rules, rule(TRUE, OUTSIDE)];
    };
    const found = new Set<TracedRule>();
    for (const withOthers of [false, true])
      for (const ofFrontends of [true, false]) {
        const list = rulesThrough(this.#flow, (section) =>
          this.#frontends.has(section) === ofFrontends ? marked(section, withOthers) : undefined,
        );
        for (const decides of valuesOf(this.#diagrams.whichDecides(list))) {
          const one = markers.get(decides);
          if (one !== undefined) found.add(one);
        }
      }
    for (const [section, own] of bySection) addBefore(own, found, section);
    return found;
  }
}

/** A rule without condition is reached where one after it is. */
function addBefore(own: readonly TracedRule[], found: Set<TracedRule>, section: Flow): void {
  const last = own.findLastIndex((one) => found.has(one));
  for (const one of own.slice(0, Math.max(last, 0)))
    if (one.when === TRUE && one.flow === section && one.before <= (own[last]?.before ?? 0)) found.add(one);
}
