// Whether two values of a header, parameter or cookie are enough to represent requests with any number of them.
import type { Test } from "../dimension.ts";
import type { Formula } from "../formula.ts";
import { ANOTHER } from "./header-lines.ts";

/** The value that expressions read, and another value. */
const VALUES = 2;

/** Tests of one header, parameter or cookie. */
interface Tested {
  /** Tests of the value that expressions read. */
  readonly seen: Set<string>;
  /** Tests of any value. */
  readonly listed: Set<string>;
  /** Tests of any value that must hold: each may need its own value. */
  readonly needed: Set<string>;
}

/** Whether the conjunction of these conditions holds for a request with many values only if it holds for one with two. */
export function isBounded(conditions: readonly Formula[]): boolean {
  const tested = new Map<string, Tested>();
  const visited = new Map<Formula, Set<boolean>>();
  const visit = (formula: Formula, positive: boolean): void => {
    const known = visited.get(formula) ?? new Set();
    if (known.has(positive)) return;
    visited.set(formula, known.add(positive));
    if (formula.kind === "test") addTest(tested, formula.test, positive);
    else if (formula.kind === "not") visit(formula.of, !positive);
    else if (formula.kind !== "constant") for (const part of formula.of) visit(part, positive);
  };
  for (const condition of conditions) visit(condition, true);
  return [...tested.values()].every(({ seen, listed, needed }) => {
    const own = [...seen].every((test) => listed.has(test)) ? 0 : 1;
    return needed.size + own <= VALUES;
  });
}

function addTest(tested: Map<string, Tested>, { on, test }: Test, positive: boolean): void {
  const isListed = /^(?:header|query-parameter|cookie):/.test(on.id);
  if (!isListed || test.kind === "present") return;
  const name = on.id.replace(ANOTHER, "");
  const known = tested.get(name) ?? { seen: new Set(), listed: new Set(), needed: new Set() };
  tested.set(name, known);
  const asked = JSON.stringify(test);
  if (name === on.id) known.seen.add(asked);
  else known.listed.add(asked);
  if (name !== on.id && positive) known.needed.add(asked);
}
