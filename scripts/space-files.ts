// The regions of a haproxy.cfg, each with a request and what it depends on that is not known.
import { Budget, BudgetExceeded } from "../src/space/budget.ts";
import { cubesOf, mergedCubes } from "../src/space/cubes.ts";
import { Diagrams, type Node } from "../src/space/diagram.ts";
import { Evaluator } from "../src/space/evaluate.ts";
import { Members } from "../src/space/find-member.ts";
import { Formulas } from "../src/space/formula.ts";
import { evaluateHaproxy } from "../src/space/haproxy/evaluate-haproxy.ts";
import { type Partition, partition } from "../src/space/partition.ts";
import type { Leaf } from "../src/space/program.ts";
import { type Witness, witnessOf } from "../src/space/witness.ts";
import { parseHaproxyConfig } from "../src/wiring/haproxy/config.ts";
import { readHaproxyWiring } from "../src/wiring/haproxy/read.ts";

export interface MeasuredFile {
  readonly regions: readonly MeasuredRegion[];
  /** Why there are none; undefined: they are there. */
  readonly problem: string | undefined;
}

export interface MeasuredRegion {
  readonly answer: Leaf;
  readonly witness: Witness;
  /** Conditions and values that are not known. */
  readonly dependsOn: readonly string[];
}

const MOST_REGIONS = 5000;

/** `quiet`: counters are 0, and all servers are up. */
export function measureFile(text: string, quiet: boolean): MeasuredFile {
  try {
    const regions = regionsIn(text, quiet);
    return { regions, problem: regions.length === 0 ? "no bind" : undefined };
  } catch (error) {
    if (!(error instanceof BudgetExceeded)) throw error;
    return { regions: [], problem: "more than the budget" };
  }
}

function regionsIn(text: string, quiet: boolean): readonly MeasuredRegion[] {
  const config = parseHaproxyConfig(text, "haproxy.cfg");
  const formulas = new Formulas();
  const input = { config, wiring: readHaproxyWiring(config), files: () => undefined, quiet };
  const program = evaluateHaproxy(input, formulas);
  if (program.facets.length === 0) return [];
  const parts = partition([program]);
  const budget = new Budget(undefined);
  const { values } = new Evaluator(parts, formulas, budget).facet(program, "answer");
  const root = new UnknownsAsAnswers(parts, budget).of(values);
  const members = new Members(parts);
  const counts = parts.dimensions.map(({ count }) => count);
  const { cubes } = cubesOf(root, counts, () => true, MOST_REGIONS);
  return mergedCubes(cubes, ({ key }) => key).flatMap(({ value, sets }) => {
    const member = members.find(root, { sets }, ({ key }) => key === value.key);
    if (member === undefined) return [];
    return [
      {
        answer: value,
        witness: witnessOf(member),
        dependsOn: (value.dependsOn ?? []).map(({ text }) => text),
      },
    ];
  });
}

/** Regions are of requests: where an unknown decides, the answer is that it depends on it, and on the unknowns below. */
class UnknownsAsAnswers {
  readonly #parts: Partition;
  readonly #diagrams: Diagrams<Leaf>;
  readonly #known = new Map<Node<Leaf>, Node<Leaf>>();

  constructor(parts: Partition, budget: Budget) {
    this.#parts = parts;
    this.#diagrams = new Diagrams<Leaf>(budget, ({ key }) => key);
  }

  of(node: Node<Leaf>): Node<Leaf> {
    const known = this.#known.get(node);
    if (known !== undefined) return known;
    const made = this.#replaced(node);
    this.#known.set(node, made);
    return made;
  }

  #replaced(node: Node<Leaf>): Node<Leaf> {
    if (node.kind === "terminal") return this.#diagrams.terminal(node.value);
    if (this.#isUnknown(node.dimension)) {
      const texts = this.#unknownsIn(node);
      const dependsOn = [...texts].map((text) => ({ text, at: undefined }));
      return this.#diagrams.terminal({ key: `depends ${node.id}`, text: "depends", dependsOn });
    }
    const runs = node.children.map((child, run) => [node.starts[run] ?? 0, this.of(child)] as const);
    return this.#diagrams.branch(node.dimension, runs);
  }

  #isUnknown(dimension: number): boolean {
    const { dimensions, separate } = this.#parts;
    return dimensions[dimension]?.dimension.kind === "unknown" && !separate.has(dimension);
  }

  #unknownsIn(root: Node<Leaf>): ReadonlySet<string> {
    const texts = new Set<string>();
    const open = new Set([root]);
    for (const node of open) {
      if (node.kind === "terminal") for (const { text } of node.value.dependsOn ?? []) texts.add(text);
      else {
        const on = this.#parts.dimensions[node.dimension]?.dimension;
        if (on?.kind === "unknown" && this.#isUnknown(node.dimension)) texts.add(on.text);
        for (const child of node.children) open.add(child);
      }
    }
    return texts;
  }
}
