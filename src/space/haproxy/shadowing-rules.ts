// Which rules of a haproxy.cfg take the requests of a rule after them.
import type { Position } from "../../findings/finding.ts";
import { cubesOf, valuesIn } from "../cubes.ts";
import type { Node } from "../diagram.ts";
import { type Formula, TRUE } from "../formula.ts";
import type { Rule } from "../program.ts";
import type { FlowRule } from "./flow.ts";
import { type Flow, type FlowDiagrams, INSIDE, OUTSIDE, rule } from "./flow-diagrams.ts";
import type { TracedRule } from "./trace.ts";

export interface Shadow {
  readonly at: Position | undefined;
  readonly text: string;
  /** It takes every request that gets to it. */
  readonly always: boolean;
}

interface Taking {
  readonly decides: Node<Rule>;
  /** The shadows of its rules. */
  readonly shadows: ReadonlyMap<Rule, PlacedShadow>;
}

interface PlacedShadow extends Shadow {
  /** It shadows only rules that have at least this many rules of the flow before them. */
  readonly before: number;
}

/** The maximum number of parts of a rule's condition: with more, some of the rules that take its requests may not be named. */
const MOST_CUBES = 200;

export class ShadowingRules {
  readonly #traced: readonly TracedRule[];
  readonly #diagrams: FlowDiagrams;
  readonly #taking = new Map<Flow, Map<string, Taking>>();

  constructor(traced: readonly TracedRule[], diagrams: FlowDiagrams) {
    this.#traced = traced;
    this.#diagrams = diagrams;
  }

  /** The rules of its section that take the requests for which its condition holds. */
  of(one: Pick<TracedRule, "flow" | "before" | "text" | "runs">): readonly Shadow[] {
    const { decides, shadows } = this.#takingIn(one);
    const asked = this.#diagrams.whereInside([rule(one.runs, INSIDE), rule(TRUE, OUTSIDE)]);
    const { cubes } = cubesOf(asked, this.#diagrams.counts, (isInside) => isInside, MOST_CUBES);
    const found = new Set(cubes.flatMap((cube) => valuesIn(decides, cube)));
    return [...found].flatMap((decided) => {
      const shadow = shadows.get(decided);
      return shadow !== undefined && shadow.before <= one.before ? shadow : [];
    });
  }

  /** Which rule of its section takes each request: those that end it, and `allow` for rules of its kind. */
  #takingIn({ flow, text }: Pick<TracedRule, "flow" | "text">): Taking {
    const kinds = this.#taking.get(flow) ?? new Map<string, Taking>();
    this.#taking.set(flow, kinds);
    const kind = kindOf(text);
    const known = kinds.get(kind) ?? this.#makeTaking(flow, kind);
    kinds.set(kind, known);
    return known;
  }

  #makeTaking(flow: Flow, kind: string): Taking {
    const own = this.#traced.filter((one) => one.flow === flow);
    const named = new Map(own.filter(({ ends }) => ends).map((one) => [one.before, one]));
    const leaving = Map.groupBy(
      own.filter(({ leaves, text }) => leaves && kindOf(text) === kind),
      ({ before }) => before,
    );
    const shadows = new Map<Rule, PlacedShadow>();
    const add = (when: Formula, { at, text }: Pick<FlowRule, "at" | "text">, before: number) => {
      const made = rule(when, INSIDE);
      shadows.set(made, { at, text, always: when === TRUE, before });
    };
    for (let index = 0; index <= flow.length; index += 1) {
      for (const left of leaving.get(index) ?? []) add(left.when, left, index);
      const entry = flow[index];
      if (entry !== undefined) add(entry.when, named.get(index) ?? entry, index + 1);
    }
    return { decides: this.#diagrams.whichDecides([...shadows.keys(), rule(TRUE, OUTSIDE)]), shadows };
  }
}

/** `http-request`, `tcp-request content`. */
function kindOf(text: string): string {
  return /^(?:tcp-request \S+|\S+)/.exec(text)?.[0] ?? "";
}
