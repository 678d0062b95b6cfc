// When a condition holds for the request that follows a redirect, as a condition on the request before it.
import type { Test, TextDimension, TextTest } from "../dimension.ts";
import { FALSE, type Formula, type Formulas, TRUE } from "../formula.ts";
import type { RedirectTarget } from "./redirect-target.ts";
import { HOST, HOST_PORT, PATH, QUERY } from "./request-dimensions.ts";
import { type Asking, testText } from "./text-tests.ts";
import { constantText, type Part } from "./value.ts";

/** Headers in which a proxy in front of HAProxy describes the client's connection: the next request may have other values. */
const OF_CONNECTION = /forwarded|proto|scheme|ssl|https|tls|visitor/;

export interface AfterRedirect {
  readonly target: RedirectTarget;
  /** The answer changes a cookie. */
  readonly setsCookie: boolean;
}

type TestFormula = Extract<Formula, { kind: "test" }>;
type TextCondition = Extract<Test, { readonly on: TextDimension }>;

/** Conditions that are not followed become new unknowns. */
export class NextRequest {
  readonly #asking: Asking;
  readonly #formulas: Formulas;
  readonly #after: AfterRedirect;
  readonly #known = new Map<Formula, Formula>();

  constructor(formulas: Formulas, after: AfterRedirect) {
    this.#formulas = formulas;
    this.#asking = { formulas, at: undefined };
    this.#after = after;
  }

  holds(formula: Formula): Formula {
    if (formula.kind === "constant") return formula;
    const known = this.#known.get(formula) ?? this.#made(formula);
    this.#known.set(formula, known);
    return known;
  }

  #made(formula: Exclude<Formula, { kind: "constant" }>): Formula {
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
      case HOST.id:
        return this.#of(target.host, test, formula);
      case HOST_PORT.id:
        return this.#of(target.port, test, formula);
      case PATH.id:
        return this.#of(target.path, test, formula);
      case QUERY.id:
        return this.#of(target.query, test, formula);
    }
    if (kind === "query-parameter") return this.#parameter(formula, name, test);
    const isCookie = kind === "cookie" || on.id === "header:cookie";
    const isNew =
      (isCookie && setsCookie) ||
      (target.isAbsolute && (kind === "tls" || (kind === "header" && OF_CONNECTION.test(name))));
    return isNew ? this.#unknown(formula.test) : formula;
  }

  /** The same part of both requests: the same condition. */
  #of(parts: readonly Part[] | undefined, test: TextTest, same: TestFormula): Formula {
    if (parts === undefined) return FALSE;
    const [first] = parts;
    if (parts.length === 1 && first?.kind === "source" && first.on.id === same.test.on.id) return same;
    return testText(this.#asking, parts, withoutOthers(test, constantText(parts)));
  }

  #parameter(formula: TestFormula, name: string, test: TextTest): Formula {
    const { query } = this.#after.target;
    if (query === undefined) return FALSE;
    const text = constantText(query);
    if (text === undefined) return query.length === 1 ? formula : this.#unknown(formula.test);
    const found = text.split("&").find((one) => one.startsWith(`${name}=`));
    if (found === undefined) return FALSE;
    const value = found.slice(name.length + 1);
    return testText(this.#asking, value === "" ? [] : [{ kind: "constant", text: value }], test);
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
