// The rules that can decide in a part of the space.
import { type ClassRuns, isSubset, overlap, unionOf } from "./class-runs.ts";
import type { Cube } from "./cubes.ts";
import type { Formula } from "./formula.ts";
import type { Partition } from "./partition.ts";
import type { Rule } from "./program.ts";

/** Without the rules that hold nowhere in the cubes: for the requests of the cubes, the list decides as before. */
export function rulesWithin(
  rules: readonly Rule[],
  cubes: readonly Pick<Cube<unknown>, "sets">[],
  partition: Partition,
): readonly Rule[] {
  const holds = holdingWithin(around(cubes), partition);
  const known = new Map<readonly Rule[], readonly Rule[]>();
  const within = (list: readonly Rule[]): readonly Rule[] => {
    const found = known.get(list);
    if (found !== undefined) return found;
    const made = list.flatMap((rule) => {
      if (holds(rule.when) === "never") return [];
      return "key" in rule.outcome ? [rule] : [{ ...rule, outcome: within(rule.outcome) }];
    });
    known.set(list, made);
    return made;
  };
  return within(rules);
}

/** By dimension, the classes of all cubes; every class where one of them has no set. */
function around(cubes: readonly Pick<Cube<unknown>, "sets">[]): ReadonlyMap<number, ClassRuns> {
  const [first, ...others] = cubes;
  const shared = [...(first?.sets.keys() ?? [])].filter((key) => others.every(({ sets }) => sets.has(key)));
  return new Map(shared.map((key) => [key, unionOf(cubes.flatMap(({ sets }) => sets.get(key) ?? []))]));
}

type Holds = "never" | "always" | "in some";

function holdingWithin(
  sets: ReadonlyMap<number, ClassRuns>,
  { place }: Partition,
): (formula: Formula) => Holds {
  const known = new Map<Formula, Holds>();
  const visit = (formula: Formula): Holds => {
    const found = known.get(formula);
    if (found !== undefined) return found;
    const made = decided(formula);
    known.set(formula, made);
    return made;
  };
  const decided = (formula: Formula): Holds => {
    if (formula.kind === "constant") return formula.value ? "always" : "never";
    if (formula.kind === "not") return OPPOSITE[visit(formula.of)];
    if (formula.kind === "test") {
      const { dimension, classes } = place(formula.test);
      const set = sets.get(dimension);
      if (set === undefined) return "in some";
      if (!overlap(set, classes)) return "never";
      return isSubset(set, classes) ? "always" : "in some";
    }
    const [deciding, neutral] = formula.kind === "and" ? NEVER_FIRST : ALWAYS_FIRST;
    const parts = formula.of.map(visit);
    if (parts.includes(deciding)) return deciding;
    return parts.every((part) => part === neutral) ? neutral : "in some";
  };
  return visit;
}

const OPPOSITE: Readonly<Record<Holds, Holds>> = { never: "always", always: "never", "in some": "in some" };
const NEVER_FIRST = ["never", "always"] as const;
const ALWAYS_FIRST = ["always", "never"] as const;
