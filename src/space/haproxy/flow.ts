// The rules that a request passes: an ordered list, of which the first that holds decides the outcome.
import type { Position } from "../../findings/finding.ts";
import type { HaproxyProxy } from "../../wiring/haproxy/wiring.ts";
import type { Formula } from "../formula.ts";
import type { Leaf } from "../program.ts";
import type { Choice } from "./choice.ts";
import type { Response, Store } from "./scope.ts";
import { type Part, type Scalar, show, type Value } from "./value.ts";

/** What becomes of a request. */
export interface Ending {
  readonly leaf: Leaf;
  /** The request as the server gets it; undefined: HAProxy answers without a server. */
  readonly store: Store | undefined;
  /** Whose rules for responses apply, in order. */
  readonly proxies: readonly HaproxyProxy[];
  /** Which servers of the backend, and how one is chosen; undefined: no backend. */
  readonly servers?: Choice<Leaf>;
  /** The answer after the rules; undefined: no rule applies to it. */
  readonly response?: Response;
}

export interface FlowRule {
  readonly when: Formula;
  readonly ends: Ending | readonly FlowRule[];
  readonly at: Position | undefined;
  readonly text: string;
  /** The rule has this effect, and the request goes on: `ends` does not count. */
  readonly effect?: Effect;
}

/** What a rule does besides deciding the outcome of a request: it counts, captures, logs, or sends an early hint. */
export interface Effect {
  /** The facet. */
  readonly id: string;
  readonly value: Value;
}

/** A list of rules from the cases of a value. Shared parts stay shared. */
export function rulesFrom<T>(
  choice: Choice<T>,
  endOf: (value: T) => FlowRule["ends"],
  place: Pick<FlowRule, "at" | "text">,
): FlowRule["ends"] {
  const known = new Map<Choice<T>, FlowRule["ends"]>();
  const follow = (from: Choice<T>): FlowRule["ends"] => {
    const found = known.get(from);
    if (found !== undefined) return found;
    const made =
      from.kind === "one"
        ? endOf(from.value)
        : from.cases.map(({ when, gives }) => ({ when, ends: follow(gives), ...place }));
    known.set(from, made);
    return made;
  };
  return follow(choice);
}

/** What of a text is not the request alone. */
export function dependsOn(parts: readonly Part[]): Pick<Leaf, "dependsOn"> {
  const state = parts.flatMap((part) =>
    part.kind === "opaque" && part.state ? [{ text: part.text, at: part.at }] : [],
  );
  return state.length === 0 ? {} : { dependsOn: state };
}

/** Text for output: `https://{host}{path}`; a constant is unchanged. */
export function readable(parts: readonly Part[]): string {
  const texts = parts.map((part) => {
    if (part.kind === "constant") return part.text;
    return part.kind === "opaque" ? `%[${part.text}]` : show([part]);
  });
  return texts
    .join("")
    .replaceAll("?%[query]", "{query}")
    .replaceAll(":%[host-port]", "{port}")
    .replaceAll(/%\[(host|path)\]/g, "{$1}");
}

export function partsOfScalar(scalar: Scalar | undefined): readonly Part[] {
  return scalar?.kind === "text" ? scalar.parts : [];
}
