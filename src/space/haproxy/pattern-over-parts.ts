// A regular expression over a text of several parts, such as path, `?` and query: as a test of the one part that decides.
import type { ChoiceDimension, TextDimension } from "../dimension.ts";
import { FALSE, type Formula, TRUE } from "../formula.ts";
import type { Automaton } from "../text/automaton.ts";
import { DEAD } from "../text/automaton.ts";
import { NotFollowed } from "../text/expression.ts";
import { automatonOfPattern, universeOf } from "../text/values.ts";
import { runAutomaton } from "../text/within-automaton.ts";
import type { Pattern } from "./pull-back.ts";
import { endsOf, type ReachedState } from "./reached-states.ts";
import type { Asking } from "./text-tests.ts";
import type { Part } from "./value.ts";

/** undefined: several parts decide together, or the expression is not followed. */
export function testPatternOverParts(
  asking: Asking,
  parts: readonly Part[],
  pattern: Pattern,
): Formula | undefined {
  try {
    const automaton = automatonOfPattern(pattern.source, pattern.ignoreCase);
    if (automaton === undefined) return undefined;
    const { before = "", after = "" } = pattern;
    const whole: readonly Part[] = [
      { kind: "constant", text: before },
      ...parts,
      { kind: "constant", text: after },
    ];
    return new PatternOverParts(asking, automaton, pattern).from(whole, automaton.start, "");
  } catch (error) {
    if (error instanceof NotFollowed) return undefined;
    throw error;
  }
}

class PatternOverParts {
  readonly #asking: Asking;
  readonly #automaton: Automaton;
  readonly #pattern: Pattern;

  constructor(asking: Asking, automaton: Automaton, pattern: Pattern) {
    this.#asking = asking;
    this.#automaton = automaton;
    this.#pattern = pattern;
  }

  /** When the parts are accepted from a state, which `read` leads to. */
  from(parts: readonly Part[], state: number, read: string): Formula | undefined {
    const [first, ...rest] = parts;
    if (first === undefined) return this.#automaton.accepts(state) ? TRUE : FALSE;
    if (first.kind === "constant")
      return this.from(rest, runAutomaton(this.#automaton, state, first.text), read + first.text);
    const results = this.#results(first, rest, state, read);
    if (results === undefined) return undefined;
    const [one, ...others] = new Set(results.map(({ accepts }) => accepts));
    if (one !== undefined && others.length === 0) return one;
    if (first.kind !== "source") return undefined;
    const after = sampleOf(rest);
    const isLast = after !== undefined && results.every(({ accepts }) => accepts.kind === "constant");
    if (first.through.length > 0) return isLast ? this.#behind(first, state, after) : undefined;
    if (first.on.kind === "choice") return this.#byToken(first.on, results);
    if (!isLast) return undefined;
    return this.#asking.formulas.test({ on: first.on, test: { ...this.#pattern, before: read, after } });
  }

  /** What follows a front that leads to the same state: the whole value decides, from the start. */
  #behind(
    { on, through }: Extract<Part, { kind: "source" }>,
    state: number,
    after: string,
  ): Formula | undefined {
    const [transform, ...others] = through;
    if (transform?.kind !== "after" || others.length > 0 || on.kind !== "text") return undefined;
    if (runAutomaton(this.#automaton, this.#automaton.start, transform.front) !== state) return undefined;
    const { before: _, ...pattern } = this.#pattern;
    return this.#asking.formulas.test({ on, test: { ...pattern, after } });
  }

  /** Where all values but a few lead to the same. */
  #byToken(on: ChoiceDimension, results: readonly Result[]): Formula | undefined {
    const { formulas } = this.#asking;
    const cases = results.map(({ accepts, fewValues }) => ({ accepts, values: fewValues() }));
    const [others, ...more] = cases.filter(({ values }) => values === undefined);
    if (others === undefined || more.length > 0) return undefined;
    return cases.reduce<Formula>(
      (otherwise, { values, accepts }) =>
        values === undefined
          ? otherwise
          : formulas.choose(formulas.test({ on, test: { kind: "one-of", values } }), accepts, otherwise),
      others.accepts,
    );
  }

  /** By each state that a value of the part can lead to: when the rest is accepted. */
  #results(
    part: Exclude<Part, { kind: "constant" }>,
    rest: readonly Part[],
    state: number,
    read: string,
  ): readonly Result[] | undefined {
    const automaton = valuesOf(part);
    if (automaton === undefined) return undefined;
    const results: Result[] = [];
    for (const { end, value, fewValues } of endsOf(automaton, this.#automaton, state)) {
      const accepts = this.from(rest, end, read + value);
      if (accepts === undefined) return undefined;
      results.push({ accepts, fewValues });
    }
    return results;
  }
}

interface Result extends Pick<ReachedState, "fewValues"> {
  readonly accepts: Formula;
}

/** Any text for what is not followed. */
function valuesOf(part: Exclude<Part, { kind: "constant" }>): Automaton | undefined {
  if (part.kind === "opaque") return universeOf(ANY_TEXT);
  if (part.on.kind === "choice") return universeOf({ ...ANY_TEXT, universe: TOKEN });
  return part.through.length === 0 ? universeOf(part.on) : universeOf(ANY_TEXT);
}

const ANY_TEXT: TextDimension = { kind: "text", id: "", optional: false, universe: "[\\x00-\\xff]*" };
const TOKEN = "[!#$%&'*+.^_`|~0-9A-Za-z-]+";

/** Some text that the parts can be. */
function sampleOf(parts: readonly Part[]): string | undefined {
  const samples = parts.map((part) => {
    if (part.kind === "constant") return part.text;
    const values = valuesOf(part);
    return values && shortestOf(values);
  });
  return samples.includes(undefined) ? undefined : samples.join("");
}

function shortestOf(automaton: Automaton): string | undefined {
  const found = new Map([[automaton.start, ""]]);
  for (const [state, text] of found) {
    if (automaton.accepts(state)) return text;
    for (const [symbol, members] of automaton.alphabet.members.entries()) {
      const next = automaton.next(state, symbol);
      if (next !== DEAD && !found.has(next)) found.set(next, text + String.fromCharCode(members[0] ?? 0));
    }
  }
  return undefined;
}
