// When a condition holds for the request that follows a redirect, as a condition on the request before it.
import type { Budget } from "../budget.ts";
import type { Test, TextDimension, TextTest } from "../dimension.ts";
import { FALSE, type Formula, type Formulas, TRUE } from "../formula.ts";
import { type Asking, testText } from "../haproxy/text-tests.ts";
import { constantText, type Part } from "../haproxy/value.ts";
import { passes } from "../text/values.ts";
import type { RedirectTarget } from "./redirect-target.ts";

/** Headers in which a proxy in front of HAProxy describes the client's connection: the next request may have other values. */
const OF_CONNECTION = /forwarded|proto|scheme|ssl|https|tls|visitor/;

export interface AfterRedirect {
  readonly target: RedirectTarget;
  /** The answer changes a cookie. */
  readonly setsCookie: boolean;
  /** The value of a parameter of a query as conditions test it; undefined: it has none. */
  readonly parameterIn: (query: string, name: string) => string | undefined;
}

type TestFormula = Extract<Formula, { kind: "test" }>;
type TextCondition = Extract<Test, { readonly on: TextDimension }>;

/** Conditions that are not followed become new unknowns. */
export class NextRequest {
  readonly #asking: Asking;
  readonly #formulas: Formulas;
  readonly #after: AfterRedirect;
  readonly #budget: Budget;
  readonly #known = new Map<Formula, Formula>();
  #isFollowed = true;

  constructor(formulas: Formulas, after: AfterRedirect, budget: Budget) {
    this.#formulas = formulas;
    this.#budget = budget;
    this.#asking = { formulas, at: undefined };
    this.#after = after;
  }

  /** Whether each test of a part that the redirect changes is followed. */
  get isFollowed(): boolean {
    return this.#isFollowed;
  }

  /** @throws BudgetExceeded */
  holds(formula: Formula): Formula {
    if (formula.kind === "constant") return formula;
    const known = this.#known.get(formula) ?? this.#made(formula);
    this.#known.set(formula, known);
    return known;
  }

  #made(formula: Exclude<Formula, { kind: "constant" }>): Formula {
    this.#budget.spend("of" in formula && Array.isArray(formula.of) ? formula.of.length : 1);
    if (formula.kind === "test") return this.#test(formula);
    if (formula.kind === "not") return this.#formulas.not(this.holds(formula.of));
    return this.#formulas[formula.kind](...formula.of.map((one) => this.holds(one)));
  }

  #test(formula: TestFormula): Formula {
    const { on, test } = formula.test;
    const { target } = this.#after;
    // The next response of the server may differ.
    if (on.kind === "unknown" || on.id.startsWith("response-")) return this.#unknown(formula.test);
    if (test.kind === "one-of")
      return on.id === "listener" ? constantFormula(test.values.includes(target.listener.name)) : formula;
    return isOnText(formula.test) ? this.#text(formula, formula.test) : formula;
  }

  #text(formula: TestFormula, { on, test }: TextCondition): Formula {
    const { target, setsCookie } = this.#after;
    const [kind = "", name = ""] = on.id.split(/:(.*)/s);
    switch (on.id) {
      case "host":
        return this.#of(target.host, test, formula);
      case "host-port":
        return this.#of(target.port, test, formula);
      case "path":
        return this.#of(target.path, test, formula);
      case "query":
        return this.#of(target.query, test, formula);
    }
    if (kind === "query-parameter" || kind === "query") return this.#parameter(formula, name, test);
    const isCookie = kind === "cookie" || on.id === "header:cookie";
    const isNew =
      (isCookie && setsCookie) ||
      (target.isAbsolute && (kind === "tls" || (kind === "header" && OF_CONNECTION.test(name))));
    return isNew ? this.#unknown(formula.test) : formula;
  }

  /** The same part of both requests: the same condition. */
  #of(parts: readonly Part[] | undefined, test: TextTest, same: TestFormula): Formula {
    if (parts === undefined) return FALSE;
    if (sourceOf(parts) === same.test.on.id) return same;
    const holds = testText(this.#asking, parts, withoutOthers(test, constantText(parts)));
    this.#isFollowed &&= !hasUnknown(holds);
    return holds;
  }

  #parameter(formula: TestFormula, name: string, test: TextTest): Formula {
    const { query } = this.#after.target;
    if (query === undefined) return FALSE;
    const text = constantText(query);
    if (text === undefined) return query.length === 1 ? formula : this.#unknown(formula.test);
    const value = this.#after.parameterIn(text, name);
    const holds = value !== undefined && passes(test, value);
    return holds === undefined ? this.#unknown(formula.test) : constantFormula(holds);
  }

  #unknown({ on, test }: Test): Formula {
    const id = `state:after a redirect ${on.id} ${JSON.stringify(test)}`;
    const text = on.kind === "unknown" ? on.text : on.id;
    const why = "the request after a redirect may have another value";
    return this.#formulas.test({
      on: { kind: "unknown", id, text, why, at: undefined },
      test: { kind: "holds" },
    });
  }
}

/** The dimension of which these parts are the whole value, unchanged; undefined: they are not. */
export function sourceOf([first, ...others]: readonly Part[]): string | undefined {
  const isWhole = first?.kind === "source" && first.through.length === 0 && others.length === 0;
  return isWhole ? first.on.id : undefined;
}

function hasUnknown(formula: Formula): boolean {
  if (formula.kind === "test") return formula.test.on.kind === "unknown";
  if (formula.kind === "not") return hasUnknown(formula.of);
  return formula.kind !== "constant" && formula.of.some(hasUnknown);
}

function isOnText(test: Test): test is TextCondition {
  return test.on.kind === "text";
}

function constantFormula(holds: boolean): Formula {
  return holds ? TRUE : FALSE;
}

/** The values of whole texts in a list of tests: a map has many. */
const wholeTexts = new WeakMap<TextTest, ReadonlySet<string>>();

/** A list of tests without those of other whole texts. */
function withoutOthers(test: TextTest, text: string | undefined): TextTest {
  if (test.kind !== "any" || text === undefined) return test;
  const whole = wholeTexts.get(test) ?? new Set(test.tests.flatMap((one) => (isWhole(one) ? one.value : [])));
  wholeTexts.set(test, whole);
  if (whole.size < test.tests.length) return test;
  const own = { kind: "exact", value: text, ignoreCase: false } as const;
  return { kind: "any", tests: whole.has(text) ? [own] : [] };
}

function isWhole(test: TextTest): test is Extract<TextTest, { readonly value: string }> {
  return test.kind === "exact" && !test.ignoreCase;
}
