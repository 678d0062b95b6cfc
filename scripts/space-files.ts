// The regions of a haproxy.cfg, each with a request and what it depends on that is not known.
import { Budget, BudgetExceeded } from "../src/space/budget.ts";
import { type Cube, cubesOf, mergedCubes } from "../src/space/cubes.ts";
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
  const members = new Members(parts);
  const counts = parts.dimensions.map(({ count }) => count);
  const { cubes } = cubesOf(values, counts, () => true, MOST_REGIONS);
  return mergedCubes(cubes, ({ key }) => key).flatMap((cube) => {
    const member = members.find(values, cube, ({ key }) => key === cube.value.key);
    if (member === undefined) return [];
    return [{ answer: cube.value, witness: witnessOf(member), dependsOn: unknownsOf(parts, cube) }];
  });
}

function unknownsOf(parts: Partition, { value, sets }: Cube<Leaf>): readonly string[] {
  const conditions = [...sets.keys()].flatMap((dimension) => {
    const on = parts.dimensions[dimension]?.dimension;
    return on?.kind === "unknown" && !parts.separate.has(dimension) ? [on.text] : [];
  });
  return [...conditions, ...(value.dependsOn ?? []).map(({ text }) => text)];
}
