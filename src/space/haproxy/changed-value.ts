// What a rule changes under a condition. Each change of a value by itself multiplies by two its cases: a value with too many is unknown.
import type { Formula } from "../formula.ts";
import { type Choice, either, keyOfChoice, one } from "./choice.ts";
import { digestOf } from "./digest.ts";
import type { HeaderLines, Scope } from "./scope.ts";
import { unknown } from "./text-tests.ts";
import { ABSENT, opaque, type Part, type Scalar, showScalar, type Value } from "./value.ts";

const MOST_CASES = 100;
const WHY = `more than ${MOST_CASES} cases of changes`;

/** `what`: `path`, `var(txn.x)`. */
export function changedValue(scope: Scope, what: string, when: Formula, after: Value, before: Value): Value {
  const made = either(when, after, before);
  if (hasFewCases(made)) return made;
  const id = idOf(what, keyOfChoice(scope.formulas, made, showScalar));
  return either(presentIn(scope, id, what), one<Scalar | undefined>(unknownText(scope, id, what)), ABSENT);
}

export function changedLines(
  scope: Scope,
  what: string,
  when: Formula,
  after: Choice<HeaderLines>,
  before: Choice<HeaderLines>,
): Choice<HeaderLines> {
  const made = either(when, after, before);
  if (hasFewCases(made)) return made;
  const id = idOf(
    what,
    keyOfChoice(scope.formulas, made, (lines) => JSON.stringify(lines)),
  );
  const lines = (added: readonly (readonly Part[])[]) => one<HeaderLines>({ received: false, added });
  return either(presentIn(scope, id, what), lines([unknownText(scope, id, what).parts]), lines([]));
}

/** A map with many entries is one. */
function hasFewCases(choice: Choice<unknown>): boolean {
  const seen = new Set<Choice<unknown>>();
  const open = [choice];
  for (let next = open.pop(); next !== undefined && seen.size <= MOST_CASES; next = open.pop()) {
    if (next.kind === "one" || seen.has(next)) continue;
    seen.add(next);
    for (const { gives } of next.cases) open.push(gives);
  }
  return seen.size <= MOST_CASES;
}

/** Another one for other changes. */
function idOf(what: string, key: string): string {
  return `${what} changed ${digestOf(key)}`;
}

function presentIn(scope: Scope, id: string, what: string): Formula {
  return unknown(scope, { id: `${id} -m found`, text: `${what} -m found`, why: WHY });
}

function unknownText(scope: Scope, id: string, what: string): Extract<Scalar, { kind: "text" }> {
  return opaque({ id, text: what, why: WHY, state: false, at: scope.at });
}
