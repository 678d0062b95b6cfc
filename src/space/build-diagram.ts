// Rule lists into diagrams: dimension by dimension, what is left of a list in each class; equal remainders are evaluated once.
import type { Budget } from "./budget.ts";
import { type Chain, Chains, type DecidingRule, isChain } from "./chain.ts";
import { type ClassRuns, hasClass, sizeOf } from "./class-runs.ts";
import { Diagrams, type Node } from "./diagram.ts";
import { FALSE, type Formula, type Formulas, TRUE } from "./formula.ts";
import type { Partition, PlacedTest } from "./partition.ts";
import type { Rule } from "./program.ts";

/** A value of the rule that decides, for every request. */
export class DiagramBuilder<T> {
  readonly #chains: Chains<T>;
  readonly #diagrams: Diagrams<T>;
  readonly #partition: Partition;
  readonly #budget: Budget;
  readonly #built = new Map<Chain<T>, Node<T>>();

  /** `keyOf`: values with the same key are one. */
  constructor(partition: Partition, formulas: Formulas, budget: Budget, keyOf?: (value: T) => unknown) {
    this.#partition = partition;
    this.#budget = budget;
    this.#diagrams = new Diagrams(budget, keyOf);
    this.#chains = new Chains(formulas, partition.place, this.#diagrams);
  }

  /** @throws BudgetExceeded */
  build(rules: readonly Rule[], valueFor: (rule: DecidingRule) => T): Node<T> {
    return this.#node(this.#chains.of(rules, valueFor));
  }

  #node(chain: Chain<T>): Node<T> {
    const known = this.#built.get(chain);
    if (known !== undefined) return known;
    const made = chain.first === Number.POSITIVE_INFINITY ? this.#decided(chain) : this.#split(chain);
    this.#built.set(chain, made);
    return made;
  }

  /** A chain without tests. */
  #decided({ when, outcome, next }: Chain<T>): Node<T> {
    if (when !== TRUE && next !== undefined) return this.#node(next);
    return isChain(outcome) ? this.#node(outcome) : outcome;
  }

  /** Segments: runs of classes that no test of the chain's first dimension tells apart. */
  #split(chain: Chain<T>): Node<T> {
    const segments = this.#segments(chain);
    const left = this.#residuals(chain, chain.first, segments);
    const runs = left.map((rest, index) => {
      if (rest === undefined) throw new RangeError("a list in which no rule always holds");
      return [segments[index] ?? 0, this.#node(rest)] as const;
    });
    return this.#diagrams.branch(chain.first, runs);
  }

  /** The first class of each segment. */
  #segments(chain: Chain<T>): Uint32Array {
    const count = this.#partition.dimensions[chain.first]?.count ?? 0;
    const bounds = new Set([0]);
    const seen = new Set<Chain<T> | PlacedTest>();
    const visit = (from: Chain<T>): void => {
      for (let one: Chain<T> | undefined = from; one !== undefined; one = one.next) {
        if (one.first !== chain.first || seen.has(one)) return;
        seen.add(one);
        const { first, tests } = this.#chains.tested(one.when);
        for (const test of first === chain.first ? tests : []) {
          if (seen.has(test)) continue;
          seen.add(test);
          this.#budget.spend(test.classes.length);
          for (const bound of test.classes) bounds.add(bound);
        }
        if (isChain(one.outcome)) visit(one.outcome);
      }
    };
    visit(chain);
    bounds.delete(count);
    return Uint32Array.from(bounds).sort();
  }

  /** What is left of a chain in each segment. */
  #residuals(chain: Chain<T>, dimension: number, segments: Uint32Array): (Chain<T> | undefined)[] {
    const rules: Chain<T>[] = [];
    let rest: Chain<T> | undefined = chain;
    for (; rest !== undefined && rest.first === dimension; rest = rest.next) rules.push(rest);
    const left = Array<Chain<T> | undefined>(segments.length).fill(rest);
    for (const rule of rules.reverse()) this.#prepend(rule, dimension, segments, left);
    return left;
  }

  /** Puts a rule in front of what is left in each segment where it may hold. */
  #prepend(
    { when, outcome }: Chain<T>,
    dimension: number,
    segments: Uint32Array,
    left: (Chain<T> | undefined)[],
  ): void {
    const nested = isChain(outcome) && outcome.first === dimension ? outcome : undefined;
    const tested = this.#chains.tested(when).first === dimension;
    const conditions: Formula[] = [];
    const where: number[] = [];
    for (const index of tested ? this.#mayHold(when, dimension, segments) : left.keys()) {
      const start = segments[index] ?? 0;
      const condition = tested
        ? this.#chains.residual(when, ({ classes }) => hasClass(classes, start))
        : when;
      if (condition === FALSE) continue;
      where.push(index);
      conditions.push(condition);
    }
    this.#budget.spend(1 + where.length);
    const starts = Uint32Array.from(where, (index) => segments[index] ?? 0);
    const inner = nested && this.#residuals(nested, dimension, starts);
    for (const [order, index] of where.entries()) {
      const whole = inner?.[order] ?? outcome;
      left[index] = this.#chains.cons(conditions[order] ?? FALSE, whole, left[index]);
    }
  }

  /** Of a condition that requires a test to hold, only the segments where it holds. */
  #mayHold(when: Formula, dimension: number, segments: Uint32Array): Iterable<number> {
    const required = this.#required(when, dimension);
    if (required === undefined) return segments.keys();
    const found: number[] = [];
    for (let run = 0; run < required.length; run += 2) {
      const to = required[run + 1] ?? 0;
      let index = firstFrom(segments, required[run] ?? 0);
      for (; index < segments.length && (segments[index] ?? 0) < to; index++) found.push(index);
    }
    return found;
  }

  /** The smallest set of classes of a test that must hold. */
  #required(when: Formula, dimension: number): ClassRuns | undefined {
    let least: { readonly classes: ClassRuns; readonly size: number } | undefined;
    for (const part of when.kind === "and" ? when.of : [when]) {
      if (part.kind !== "test") continue;
      const placed = this.#partition.place(part.test);
      if (placed.dimension !== dimension) continue;
      const size = sizeOf(placed.classes);
      if (least === undefined || size < least.size) least = { classes: placed.classes, size };
    }
    return least?.classes;
  }
}

/** The index of the first segment that does not begin before a class. */
function firstFrom(segments: Uint32Array, wanted: number): number {
  let low = 0;
  let high = segments.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((segments[middle] ?? 0) < wanted) low = middle + 1;
    else high = middle;
  }
  return low;
}
