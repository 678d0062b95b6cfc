// All dimensions that programs test, in the order of diagrams, each split into classes that no test tells apart.
import { type ClassRuns, hasClass, runsOf } from "./class-runs.ts";
import { addressClasses } from "./classes/address-classes.ts";
import { choiceClasses } from "./classes/choice-classes.ts";
import type { Classes } from "./classes/classes.ts";
import { numberClasses } from "./classes/number-classes.ts";
import type { Dimension, Test, TextDimension, TextTest, UnknownDimension } from "./dimension.ts";
import type { Formula } from "./formula.ts";
import type { Program, Rule } from "./program.ts";
import { partitionText } from "./text/partition-text.ts";

/** A test's dimension, as an index, and the classes in which it holds. */
export interface PlacedTest {
  readonly dimension: number;
  readonly classes: ClassRuns;
}

export interface Partition {
  readonly dimensions: readonly Classes[];
  /** Of a test in one of the programs. */
  readonly place: (test: Test) => PlacedTest;
  /** The dimensions that one of the programs tests, as indexes. */
  readonly dimensionsOf: (program: Program) => ReadonlySet<number>;
  /** Unknown dimensions, as indexes, that are tests of a text and are followed on their own, apart from its classes. */
  readonly separate: ReadonlyMap<number, SeparateTest>;
  /** The tests of a dimension in the order of the programs; without those that are not followed. */
  readonly testsOf: (dimension: number) => readonly Test[];
}

export interface SeparateTest {
  /** The text's dimension, as an index. */
  readonly text: number;
  readonly test: TextTest;
}

/** For one comparison: all programs must come from the same `Formulas`. */
export function partition(programs: readonly Program[]): Partition {
  const own = new Map(programs.map((program) => [program, testsIn(program)]));
  const byId = Map.groupBy(new Set([...own.values()].flatMap((tests) => [...tests])), ({ on }) => on.id);
  const opaque = new Map<Test, OpaqueDimension>();
  const known = [...byId.values()].map((tests) => classesOf(tests, opaque));
  const unknown = [...new Map([...opaque.values()].map((one) => [one.id, one])).values()].map(unknownClasses);
  const dimensions = [...known, ...unknown]
    .map((classes, appeared) => ({ classes, appeared, rank: rankOf(classes.dimension) }))
    .sort((a, b) => a.rank - b.rank || a.appeared - b.appeared)
    .map(({ classes }) => classes);
  const indexes = new Map(dimensions.map(({ dimension }, index) => [dimension.id, index]));
  const places = new Map<Test, PlacedTest>();
  const place = (test: Test): PlacedTest => {
    const found = places.get(test);
    if (found !== undefined) return found;
    const on = opaque.get(test) ?? test.on;
    const index = indexes.get(on.id) ?? -1;
    const classes = dimensions[index];
    if (classes === undefined) throw new RangeError(`a test of a dimension that no program has: ${on.id}`);
    const placed = {
      dimension: index,
      classes: classes.holds(opaque.has(test) ? { kind: "holds" } : test.test),
    };
    places.set(test, placed);
    return placed;
  };
  const testsOf = (dimension: number) =>
    (byId.get(dimensions[dimension]?.dimension.id ?? "") ?? []).filter((test) => !opaque.has(test));
  const dimensionsOf = (program: Program) => {
    const tests = own.get(program);
    if (tests === undefined) throw new RangeError("a program that was not partitioned");
    return new Set(Array.from(tests, (test) => place(test).dimension));
  };
  const separate = new Map(
    [...opaque].flatMap(([{ on }, { id, test }]) =>
      test === undefined ? [] : [[indexes.get(id) ?? -1, { text: indexes.get(on.id) ?? -1, test }] as const],
    ),
  );
  return { dimensions, place, dimensionsOf, separate, testsOf };
}

/** Every test of a program once, in order of appearance. */
function testsIn({ facets }: Program): ReadonlySet<Test> {
  const tests = new Set<Test>();
  const seen = new Set<Formula | readonly Rule[]>();
  const collect = (formula: Formula): void => {
    if (seen.has(formula)) return;
    seen.add(formula);
    if (formula.kind === "not") collect(formula.of);
    else if (formula.kind === "and" || formula.kind === "or") formula.of.forEach(collect);
    else if (formula.kind === "test") tests.add(formula.test);
  };
  const visit = (rules: readonly Rule[]): void => {
    if (seen.has(rules)) return;
    seen.add(rules);
    for (const { when, outcome } of rules) {
      collect(when);
      if (!("key" in outcome)) visit(outcome);
    }
  };
  for (const { rules } of facets) visit(rules);
  return tests;
}

/** A text test that classes do not tell apart; `test`: it is followed on its own. */
interface OpaqueDimension extends UnknownDimension {
  readonly test: TextTest | undefined;
}

/** `opaque` gets the text tests that the classes do not tell apart. */
function classesOf(tests: readonly Test[], opaque: Map<Test, OpaqueDimension>): Classes {
  const [{ on }] = tests as readonly [Test];
  switch (on.kind) {
    case "text":
      return textClasses(on, tests, opaque);
    case "address":
      return addressClasses(on, testsOfKind(tests, "networks"));
    case "number":
      return numberClasses(on, testsOfKind(tests, "range"));
    case "choice":
      return choiceClasses(on, testsOfKind(tests, "one-of"));
    default:
      return unknownClasses(on);
  }
}

function testsOfKind<K extends Test["test"]["kind"]>(tests: readonly Test[], kind: K) {
  return tests.flatMap(({ test }) =>
    test.kind === kind ? [test as Extract<Test["test"], { readonly kind: K }>] : [],
  );
}

function textClasses(
  dimension: TextDimension,
  tests: readonly Test[],
  opaque: Map<Test, OpaqueDimension>,
): Classes {
  const asked = tests.map(({ test }) => test as TextTest);
  const found = partitionText(dimension, asked);
  const wholes = new Map(tests.map((one) => [one.test, one]));
  for (const { test, why, separate } of found.opaque) {
    const whole = wholes.get(test);
    if (whole === undefined) throw new RangeError(`an opaque test of ${dimension.id} that was not given`);
    opaque.set(whole, { ...unknownTest(dimension, test, why), test: separate ? test : undefined });
  }
  const { count, witness, holds, classOf, member } = found.classes;
  return {
    dimension,
    count,
    witness,
    holds: (test) => holds(test as TextTest),
    member,
    classOf: (value) => (value === undefined || typeof value === "string" ? classOf(value) : undefined),
  };
}

function unknownTest({ id }: TextDimension, test: TextTest, why: string): UnknownDimension {
  const asked = JSON.stringify(test);
  const text = test.kind === "pattern" ? `${id} matches ${test.source}` : `${id} ${asked}`;
  return { kind: "unknown", id: `test:${id} ${asked}`, text, why, at: undefined };
}

function unknownClasses(dimension: UnknownDimension): Classes {
  return {
    dimension,
    count: 2,
    witness: (index) => index === 1,
    nameOf: (classes) => {
      const holds = { kind: "test", test: { kind: "holds" } } as const;
      return hasClass(classes, 1) ? holds : { kind: "not", of: holds };
    },
    holds: () => runsOf([1]),
    classOf: (value) => (typeof value === "boolean" ? Number(value) : undefined),
  };
}

const FIRST = ["listener", "request-form", "tls:sni", "host", "path", "method", "client"];

/** What distinguishes most comes first; what is not known comes last. */
function rankOf({ id, kind }: Dimension): number {
  if (kind === "unknown") return 1000;
  if (id.startsWith("response-")) return 200;
  if (kind === "number") return 100;
  const place = FIRST.indexOf(id);
  return place === -1 ? FIRST.length : place;
}
