// Names for sets of classes: a test, its opposite, several tests, or a test without others.
import {
  type ClassRuns,
  complementOf,
  differenceOf,
  intersectionOf,
  isSubset,
  overlap,
  sameClasses,
  sizeOf,
} from "./class-runs.ts";
import type { Classes } from "./classes/classes.ts";
import type { Cube } from "./cubes.ts";
import type { Partition } from "./partition.ts";
import type { Condition, Predicate } from "./predicate.ts";

/** A predicate and where it holds. */
interface Named {
  readonly is: Predicate;
  readonly classes: ClassRuns;
  readonly size: number;
}

/** Tests that hold in more classes are few; the others are found by class. */
const WIDE = 64;
/** So few tests are all looked at. */
const FEW_TESTS = 100;
/** So many classes are looked at for tests; a set with more is described by those. */
const MOST_LOOKED_AT = 4096;
const MOST_EXAMPLES = 3;

/** Makes the names for one partition. */
export class Names {
  readonly #partition: Partition;
  readonly #byDimension = new Map<number, DimensionNames>();

  constructor(partition: Partition) {
    this.#partition = partition;
  }

  conditions({ sets }: Cube<unknown>): readonly Condition[] {
    return [...sets].flatMap(([dimension, classes]) => {
      const on = this.#partition.dimensions[dimension]?.dimension;
      return on === undefined ? [] : [{ on, is: this.of(dimension, classes) }];
    });
  }

  of(dimension: number, classes: ClassRuns): Predicate {
    return this.#of(dimension).of(classes);
  }

  /** Sets that contain a given one and have a simple name, the smallest first; undefined: its own name is simple. */
  wider(dimension: number, classes: ClassRuns): readonly ClassRuns[] | undefined {
    return this.#of(dimension).wider(classes);
  }

  /** The class in which the fewest tests hold. */
  background(dimension: number): number {
    return this.#of(dimension).background;
  }

  #of(dimension: number): DimensionNames {
    const known = this.#byDimension.get(dimension) ?? new DimensionNames(this.#partition, dimension);
    this.#byDimension.set(dimension, known);
    return known;
  }
}

/** So many sets are proposed instead of one. */
const MOST_WIDER = 4;

class DimensionNames {
  readonly background: number;
  readonly #classes: Classes;
  readonly #wide: Named[] = [];
  readonly #byClass = new Map<number, Named[]>();
  readonly #known = new Map<string, Predicate>();

  constructor(partition: Partition, dimension: number) {
    const classes = partition.dimensions[dimension];
    if (classes === undefined) throw new RangeError(`no dimension ${dimension}`);
    this.#classes = classes;
    this.background = leastTested(partition, dimension, classes.count);
    if (classes.nameOf !== undefined) return;
    const tests = partition.testsOf(dimension).map((test) => ({
      is: { kind: "test", test: test.test } as const,
      classes: partition.place(test).classes,
    }));
    for (const { is, classes: runs } of [...tests, ...this.#presence()]) {
      const named = { is, classes: runs, size: sizeOf(runs) };
      if (named.size > WIDE || tests.length < FEW_TESTS) this.#wide.push(named);
      else for (const one of classesIn(runs)) push(this.#byClass, one, named);
    }
  }

  /** Present and absent, where a request may lack it. */
  #presence(): readonly Pick<Named, "is" | "classes">[] {
    const { dimension, count } = this.#classes;
    if (dimension.kind !== "text" || !dimension.optional) return [];
    return [
      { is: { kind: "test", test: { kind: "present" } }, classes: Uint32Array.of(0, count - 1) },
      { is: { kind: "absent" }, classes: Uint32Array.of(count - 1, count) },
    ];
  }

  of(wanted: ClassRuns): Predicate {
    if (this.#classes.nameOf !== undefined) return this.#classes.nameOf(wanted);
    const key = wanted.join();
    const known = this.#known.get(key) ?? this.#find(wanted);
    this.#known.set(key, known);
    return known;
  }

  #find(wanted: ClassRuns): Predicate {
    const rest = complementOf(wanted, this.#classes.count);
    const candidates = this.#candidates(sizeOf(wanted) <= sizeOf(rest) ? wanted : rest);
    return (
      candidates.find(({ classes }) => sameClasses(classes, wanted))?.is ??
      opposite(candidates.find(({ classes }) => sameClasses(classes, rest))?.is) ??
      joined(cover(candidates, wanted, wanted)) ??
      opposite(joined(cover(candidates, rest, rest))) ??
      joined(pieces(candidates, wanted, rest)) ??
      this.#examples(wanted)
    );
  }

  wider(wanted: ClassRuns): readonly ClassRuns[] | undefined {
    if (this.#classes.nameOf !== undefined || isSimple(this.of(wanted))) return undefined;
    return this.#candidates(wanted)
      .filter(({ classes }) => isSubset(wanted, classes))
      .slice(-MOST_WIDER)
      .map(({ classes }) => classes)
      .reverse();
  }

  /** Tests that hold somewhere in a set, the widest first. */
  #candidates(near: ClassRuns): readonly Named[] {
    const found = new Set(this.#wide);
    let looked = 0;
    for (const one of classesIn(near)) {
      for (const named of this.#byClass.get(one) ?? []) found.add(named);
      looked += 1;
      if (looked === MOST_LOOKED_AT) break;
    }
    return [...found].filter(({ size }) => size > 0).sort((a, b) => b.size - a.size);
  }

  #examples(wanted: ClassRuns): Predicate {
    const values = [...classesIn(wanted)].slice(0, MOST_EXAMPLES).map((one) => this.#classes.witness(one));
    return { kind: "like", values };
  }
}

function push(map: Map<number, Named[]>, key: number, named: Named): void {
  const known = map.get(key);
  if (known === undefined) map.set(key, [named]);
  else known.push(named);
}

function leastTested(partition: Partition, dimension: number, count: number): number {
  const changes = new Int32Array(count + 1);
  for (const test of partition.testsOf(dimension)) {
    for (const [at, bound] of partition.place(test).classes.entries())
      changes[bound] = (changes[bound] ?? 0) + (at % 2 === 0 ? 1 : -1);
  }
  let [found, least, holding] = [0, Number.POSITIVE_INFINITY, 0];
  for (let one = 0; one < count; one++) {
    holding += changes[one] ?? 0;
    if (holding < least) [found, least] = [one, holding];
  }
  return found;
}

/** A test, its opposite, or several tests. */
function isSimple(is: Predicate): boolean {
  if (is.kind === "any") return is.of.every(({ kind }) => kind === "test");
  return is.kind === "test" || is.kind === "absent" || (is.kind === "not" && is.of.kind === "test");
}

function* classesIn(runs: ClassRuns): Generator<number> {
  for (let at = 0; at < runs.length; at += 2)
    for (let one = runs[at] ?? 0; one < (runs[at + 1] ?? 0); one++) yield one;
}

function opposite(is: Predicate | undefined): Predicate | undefined {
  if (is === undefined) return undefined;
  return is.kind === "not" ? is.of : { kind: "not", of: is };
}

function joined(of: readonly Predicate[] | undefined): Predicate | undefined {
  const [only] = of ?? [];
  return of === undefined || of.length > 1 ? of && { kind: "any", of } : only;
}

/** Tests within `inside` that together hold in all of `wanted`. */
function cover(
  candidates: readonly Named[],
  wanted: ClassRuns,
  inside: ClassRuns,
): readonly Predicate[] | undefined {
  const chosen: Predicate[] = [];
  let left = wanted;
  for (const { is, classes } of candidates) {
    if (left.length === 0) break;
    if (!overlap(classes, left) || !isSubset(classes, inside)) continue;
    chosen.push(is);
    left = differenceOf(left, classes);
  }
  return left.length === 0 && chosen.length > 0 ? chosen : undefined;
}

/** Tests, each without tests outside of `wanted`. */
function pieces(
  candidates: readonly Named[],
  wanted: ClassRuns,
  outside: ClassRuns,
): readonly Predicate[] | undefined {
  const chosen: Predicate[] = [];
  let left = wanted;
  for (const { is, classes } of candidates) {
    if (left.length === 0) break;
    if (!overlap(classes, left)) continue;
    const excess = intersectionOf(classes, outside);
    const not = excess.length === 0 ? [] : cover(candidates, excess, outside);
    if (not === undefined) continue;
    const others = joined(not);
    chosen.push(others === undefined ? is : { kind: "but-not", of: is, not: others });
    left = differenceOf(left, classes);
  }
  return left.length === 0 && chosen.length > 0 ? chosen : undefined;
}
