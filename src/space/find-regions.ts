// The parts of the space in which requests get a wanted answer, or the proof that there are none.
import type { Position } from "../findings/finding.ts";
import { Budget, BudgetExceeded, type EvaluationOptions, MOST_RULES } from "./budget.ts";
import type { DecidingRule } from "./chain.ts";
import { type Cube, cubesOf, mergedCubes, valuesIn } from "./cubes.ts";
import { combine, Diagrams, type Node, valuesOf } from "./diagram.ts";
import { Evaluator } from "./evaluate.ts";
import { Members } from "./find-member.ts";
import { type Formula, TRUE } from "./formula.ts";
import { Names } from "./name-classes.ts";
import { type Partition, partition } from "./partition.ts";
import type { Condition } from "./predicate.ts";
import type { Leaf, Program, Rule } from "./program.ts";
import { type Witness, witnessOf } from "./witness.ts";

/** Disjoint from the others. */
export interface FoundRegion {
  readonly conditions: readonly Condition[];
  readonly answer: Leaf;
  /** The rules that decide; the first ones where there are many. */
  readonly rules: readonly DecidingRule[];
  readonly witness: Witness;
}

export interface UndecidedRegion extends FoundRegion {
  readonly dependsOn: readonly { readonly text: string; readonly at: Position | undefined }[];
}

/** Without regions and complete: proven for all requests that there are none. */
export interface Found {
  readonly regions: readonly FoundRegion[];
  /** Requests for which it depends on what is not known. */
  readonly undecided: readonly UndecidedRegion[];
  /** Why there may be more than is listed; undefined: there is not. */
  readonly incomplete: "budget" | "more regions" | undefined;
  /** Some requests of the query go to a backend, which decides the status. */
  readonly forwarded: boolean;
  readonly unexamined: Program["unexamined"];
}

/** Whether an answer is a wanted one; `depends`: on what is not known. */
export type Verdict = "yes" | "no" | "depends";

export interface Question {
  readonly requests: Formula;
  /** Whether an answer is a wanted one. */
  readonly verdictOf: (answer: Leaf) => Verdict;
  /** Only requests that a rule decides in which this holds. */
  readonly throughRule?: (rule: Rule) => boolean;
}

export interface FindOptions extends EvaluationOptions {
  readonly mostRegions?: number;
}

const MOST_REGIONS = 200;

export function findRegions(program: Program, question: Question, options: FindOptions): Found {
  try {
    return new Finder(program, question, options).find();
  } catch (error) {
    if (!(error instanceof BudgetExceeded)) throw error;
    const { unexamined } = program;
    return { regions: [], undecided: [], incomplete: "budget", forwarded: true, unexamined };
  }
}

/** A wanted answer, certain or not; undefined: the answer is not wanted. */
type Asked = { readonly certain: boolean; readonly answer: Leaf } | undefined;

const INSIDE: Leaf = { key: "inside", text: "inside" };
const OUTSIDE: Leaf = { key: "outside", text: "outside" };

class Finder {
  readonly #program: Program;
  readonly #question: Question;
  readonly #parts: Partition;
  readonly #counts: readonly number[];
  readonly #names: Names;
  readonly #members: Members;
  readonly #budget: Budget;
  readonly #mostRegions: number;
  readonly #asked: Program;
  readonly #evaluator: Evaluator;

  constructor(program: Program, question: Question, options: FindOptions) {
    const { formulas, steps, mostRegions = MOST_REGIONS } = options;
    const asked = questionProgram(program, question);
    const parts = partition([program, asked]);
    this.#program = program;
    this.#question = question;
    this.#parts = parts;
    this.#counts = parts.dimensions.map(({ count }) => count);
    this.#names = new Names(parts);
    this.#members = new Members(parts);
    this.#budget = new Budget(steps);
    this.#mostRegions = mostRegions;
    this.#asked = asked;
    this.#evaluator = new Evaluator(parts, formulas, this.#budget, answerKey);
  }

  find(): Found {
    const { values: answers, decisions, viewOf } = this.#evaluator.facet(this.#program, "answer");
    const inside = this.#inside();
    const { verdictOf } = this.#question;
    const verdicts = combine(answers, inside, new Diagrams<Verdict>(this.#budget), (answer, { key }) =>
      key === INSIDE.key ? verdictOf(answer) : "no",
    );
    const asked = this.#wanted(answers, verdicts);
    const forwards = combine(
      answers,
      inside,
      new Diagrams<boolean>(this.#budget),
      ({ answer }, { key }) => key === INSIDE.key && answer?.kind !== "own" && answer?.kind !== "closed",
    );
    const { cubes, all } = cubesOf(asked, this.#counts, (one) => one !== undefined, this.#mostRegions);
    const merged = mergedCubes(cubes, askedKey);
    const deciding = decisions(merged);
    const found = merged.map((cube) => this.#region(asked, cube, deciding, viewOf));
    return {
      regions: found.filter(({ dependsOn }) => dependsOn === undefined),
      undecided: found.flatMap(({ dependsOn, ...region }) =>
        dependsOn === undefined ? [] : [{ ...region, dependsOn }],
      ),
      incomplete: all ? undefined : "more regions",
      forwarded: valuesOf(forwards).has(true),
      unexamined: this.#program.unexamined,
    };
  }

  #inside(): Node<Leaf> {
    const requests = this.#evaluator.facet(this.#asked, "requests").values;
    if (this.#question.throughRule === undefined) return requests;
    const through = this.#evaluator.facet(this.#asked, "rule").values;
    const both = new Diagrams<Leaf>(this.#budget, ({ key }) => key);
    return combine(requests, through, both, (one, other) => (one.key === INSIDE.key ? other : OUTSIDE));
  }

  #wanted(answers: Node<Leaf>, verdicts: Node<Verdict>): Node<Asked> {
    const settled = this.#settled(verdicts);
    const possible = combine(
      settled,
      verdicts,
      new Diagrams<Verdict>(this.#budget),
      (whole, own): Verdict => (own === "no" ? "no" : whole),
    );
    const made = new Diagrams<Asked>(this.#budget, askedKey);
    return combine(possible, answers, made, (verdict, answer) =>
      verdict === "no" ? undefined : { certain: verdict === "yes", answer },
    );
  }

  /** Without unknown conditions, which are below all others: where they decide, it depends. */
  #settled(verdicts: Node<Verdict>): Node<Verdict> {
    const into = new Diagrams<Verdict>(this.#budget);
    const known = new Map<Node<Verdict>, Node<Verdict>>();
    const visit = (node: Node<Verdict>): Node<Verdict> => {
      const found = known.get(node);
      if (found !== undefined) return found;
      const made = this.#settledAt(node, into, visit);
      known.set(node, made);
      return made;
    };
    return visit(verdicts);
  }

  #settledAt(
    node: Node<Verdict>,
    into: Diagrams<Verdict>,
    visit: (node: Node<Verdict>) => Node<Verdict>,
  ): Node<Verdict> {
    if (node.kind === "terminal") return into.terminal(node.value);
    if (this.#parts.dimensions[node.dimension]?.dimension.kind === "unknown") return into.terminal("depends");
    const runs = node.children.map((child, run) => [node.starts[run] ?? 0, visit(child)] as const);
    return into.branch(node.dimension, runs);
  }

  #region(
    asked: Node<Asked>,
    cube: Cube<Asked>,
    decisions: Node<DecidingRule>,
    viewOf: (rule: DecidingRule) => Leaf,
  ): FoundRegion & Partial<UndecidedRegion> {
    const wanted = askedKey(cube.value);
    const member = this.#members.find(asked, cube, (one) => askedKey(one) === wanted);
    if (member === undefined || cube.value === undefined) throw new RangeError("a region without requests");
    const { answer, certain } = cube.value;
    const rules = valuesIn(decisions, cube, MOST_RULES);
    const region = {
      conditions: this.#names.conditions(cube),
      answer,
      rules: rules.filter((rule) => viewOf(rule).key === answer.key),
      witness: witnessOf(member),
    };
    return certain ? region : { ...region, dependsOn: this.#dependencies(cube, answer) };
  }

  #dependencies({ sets }: Cube<Asked>, answer: Leaf): UndecidedRegion["dependsOn"] {
    const conditions = [...sets.keys()].flatMap((dimension) => {
      const on = this.#parts.dimensions[dimension]?.dimension;
      return on?.kind === "unknown" ? [on] : [];
    });
    const own = [...conditions, ...(answer.dependsOn ?? [])];
    return own.length > 0 ? own : [{ text: answer.text, at: undefined }];
  }
}

/** Answers that differ for a question have different keys. */
function answerKey({ key, answer }: Leaf): string {
  return `${JSON.stringify(answer)} ${key}`;
}

function askedKey(asked: Asked): string {
  return asked === undefined ? "" : `${asked.certain} ${answerKey(asked.answer)}`;
}

function questionProgram(program: Program, { requests, throughRule }: Question): Program {
  const rule = (when: Formula, outcome: Leaf): Rule => ({ when, outcome, at: undefined, text: "" });
  const asked = { id: "requests", rules: [rule(requests, INSIDE), rule(TRUE, OUTSIDE)] };
  const answer = program.facets.find(({ id }) => id === "answer");
  if (throughRule === undefined || answer === undefined) return { facets: [asked], unexamined: [] };
  return {
    facets: [asked, { id: "rule", rules: rulesThrough(answer.rules, throughRule) }],
    unexamined: [],
  };
}

/** Whether a rule of the answer is one of these. */
export function hasRule(program: Program, isOne: (rule: Rule) => boolean): boolean {
  const seen = new Set<readonly Rule[]>();
  const within = (rules: readonly Rule[]): boolean => {
    if (seen.has(rules)) return false;
    seen.add(rules);
    return rules.some((rule) => isOne(rule) || (!("key" in rule.outcome) && within(rule.outcome)));
  };
  return within(program.facets.find(({ id }) => id === "answer")?.rules ?? []);
}

/** The same rules, with what decides replaced by whether it is one of these. */
function rulesThrough(rules: readonly Rule[], isOne: (rule: Rule) => boolean): readonly Rule[] {
  const known = new Map<readonly Rule[], readonly Rule[]>();
  const through = (list: readonly Rule[]): readonly Rule[] => {
    const found = known.get(list);
    if (found !== undefined) return found;
    const made = list.map((rule): Rule => ({ ...rule, outcome: outcomeOf(rule) }));
    known.set(list, made);
    return made;
  };
  const outcomeOf = (rule: Rule): Rule["outcome"] => {
    if (isOne(rule)) return INSIDE;
    return "key" in rule.outcome ? OUTSIDE : through(rule.outcome);
  };
  return through(rules);
}
