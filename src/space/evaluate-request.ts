// What a program decides for one request: the rules are walked as they are, without a diagram.
import { within } from "../model/networks.ts";
import type { Dimension, Test } from "./dimension.ts";
import type { Formula } from "./formula.ts";
import type { Facet, Leaf, Rule } from "./program.ts";
import { passes } from "./text/values.ts";

/** The value of a dimension; undefined: the request has none. Of an unknown dimension: whether it holds, if that is known. */
export type Ask = (dimension: Dimension) => string | number | boolean | typeof NOT_KNOWN | undefined;

/** The request has a value that is not known here, or one that the dimension cannot have. */
export const NOT_KNOWN = Symbol("not known");

export interface Decided {
  readonly leaf: Leaf;
  /** The rules that decide, the outermost first. */
  readonly rules: readonly Rule[];
}

/** undefined: it depends on an unknown condition. */
export function decidedBy({ rules }: Pick<Facet, "rules">, ask: Ask): Decided | undefined {
  for (const rule of rules) {
    const holds = holdsFor(rule.when, ask);
    if (holds === undefined) return undefined;
    if (!holds) continue;
    const { outcome: next } = rule;
    if ("key" in next) return { leaf: next, rules: [rule] };
    const inner = decidedBy({ rules: next }, ask);
    return inner && { leaf: inner.leaf, rules: [rule, ...inner.rules] };
  }
  throw new RangeError("no rule holds");
}

/** undefined: not known. */
export function holdsFor(formula: Formula, ask: Ask): boolean | undefined {
  switch (formula.kind) {
    case "constant":
      return formula.value;
    case "test":
      return testHolds(formula.test, ask);
    case "not": {
      const holds = holdsFor(formula.of, ask);
      return holds === undefined ? undefined : !holds;
    }
    default:
      return joined(formula.kind === "or", formula.of, ask);
  }
}

/** `decisive` decides alone. */
function joined(decisive: boolean, of: readonly Formula[], ask: Ask): boolean | undefined {
  let isKnown = true;
  for (const part of of) {
    const holds = holdsFor(part, ask);
    if (holds === decisive) return decisive;
    isKnown &&= holds !== undefined;
  }
  return isKnown ? !decisive : undefined;
}

function testHolds({ on, test }: Test, ask: Ask): boolean | undefined {
  const value = ask(on);
  if (value === NOT_KNOWN) return undefined;
  if (on.kind === "unknown") return typeof value === "boolean" ? value : undefined;
  if (value === undefined) return false;
  switch (test.kind) {
    case "networks":
      return within(String(value), test.networks);
    case "range":
      return test.from <= Number(value) && Number(value) <= test.to;
    case "one-of":
      return test.values.includes(String(value));
    case "holds":
      return undefined;
    default:
      return passes(test, String(value));
  }
}
