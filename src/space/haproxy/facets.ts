// The facets of a program from the flow: who answers, and what the server gets.
import { TRUE } from "../formula.ts";
import { type Facet, type Leaf, type Rule, UNCHANGED } from "../program.ts";
import type { Choice } from "./choice.ts";
import { dependsOn, type Effect, type Ending, type FlowRule, readable } from "./flow.ts";
import type { HeaderLines, Response, Store } from "./scope.ts";
import { type Part, partsOf, type Scalar, show } from "./value.ts";

export function facetsOf(flow: readonly FlowRule[]): readonly Facet[] {
  const names = new Set<string>();
  const responseNames = new Set<string>();
  const effects = new Set<string>();
  visit(
    flow,
    ({ store, response }) => {
      for (const name of store?.headers.keys() ?? []) names.add(name);
      for (const name of response?.headers.keys() ?? []) responseNames.add(name);
    },
    ({ id }) => effects.add(id),
  );
  const others = [
    facet(flow, "path", requestOf, ({ path }) => leafOfValue(path, "path")),
    facet(flow, "query", requestOf, ({ query }) => leafOfValue(query, "query")),
    facet(flow, "method", requestOf, ({ method }) => leafOfValue(method, "method")),
    ...[...names]
      .sort()
      .map((name) =>
        facet(flow, `request-header:${name}`, requestOf, ({ headers }) => leafOfHeader(headers.get(name))),
      ),
    ...[...responseNames]
      .sort()
      .map((name) =>
        facet(flow, `response-header:${name}`, responseOf, ({ headers }) => leafOfHeader(headers.get(name))),
      ),
  ];
  const ofServers = facet(
    flow,
    "servers",
    ({ servers }) => servers,
    (servers) => rulesOf(servers, (leaf) => leaf),
  );
  return [
    answerFacet(flow),
    ofServers,
    ...others.filter(changesSomething),
    ...[...effects].map((id) => effectFacet(flow, id)),
  ];
}

/** Whether a request reaches the rule with the effect, and with which value. */
function effectFacet(flow: readonly FlowRule[], id: string): Facet {
  const known = new Map<FlowRule["ends"], Decided>();
  const follow = (ends: FlowRule["ends"]): Decided => {
    if ("leaf" in ends) return UNCHANGED;
    const found = known.get(ends);
    if (found !== undefined) return found;
    const made = rulesOfList(ends);
    known.set(ends, made);
    return made;
  };
  const rulesOfList = (rules: readonly FlowRule[]): Decided => {
    const own = rules
      .filter(({ effect }) => effect === undefined || effect.id === id)
      .map(({ effect, when, ends, at, text }) =>
        ruleOf(when, effect === undefined ? follow(ends) : leafOfValue(effect.value, ""), at, text),
      );
    const last = own.findLastIndex(({ outcome }) => differs(outcome));
    return last < 0 ? UNCHANGED : [...untilCertain(own.slice(0, last + 1)), NOT_REACHED];
  };
  const made = rulesOfList(flow);
  return { id, rules: "key" in made ? [NOT_REACHED] : made, independent: true };
}

const NOT_REACHED: Rule = { when: TRUE, outcome: UNCHANGED, at: undefined, text: "" };

function requestOf({ store }: Ending): Store | undefined {
  return store;
}

function responseOf({ response }: Ending): Response | undefined {
  return response;
}

function leafOfHeader(lines: Choice<HeaderLines> | undefined): Decided {
  return lines === undefined ? UNCHANGED : rulesOf(lines, leafOfLines);
}

function visit(
  flow: readonly FlowRule[],
  see: (ending: Ending) => void,
  seeEffect: (effect: Effect) => void,
): void {
  const seen = new Set<FlowRule["ends"]>();
  const follow = (ends: FlowRule["ends"]): void => {
    if (seen.has(ends)) return;
    seen.add(ends);
    if ("leaf" in ends) see(ends);
    else
      for (const { effect, ends: next } of ends) {
        if (effect === undefined) follow(next);
        else seeEffect(effect);
      }
  };
  follow(flow);
}

type Decided = Rule["outcome"];

function answerFacet(flow: readonly FlowRule[]): Facet {
  return { id: "answer", rules: convert(flow, ({ leaf }) => leaf) };
}

/** The facet of one part of an ending. */
function facet<T>(
  flow: readonly FlowRule[],
  id: string,
  partOf: (ending: Ending) => T | undefined,
  ofPart: (part: T) => Decided,
): Facet {
  const known = new Map<T, Decided>();
  return {
    id,
    rules: convert(flow, (ending) => {
      const part = partOf(ending);
      if (part === undefined) return UNCHANGED;
      const made = known.get(part) ?? ofPart(part);
      known.set(part, made);
      return made;
    }),
  };
}

function convert(flow: readonly FlowRule[], ofEnding: (ending: Ending) => Decided): readonly Rule[] {
  const known = new Map<FlowRule["ends"], Decided>();
  const follow = (ends: FlowRule["ends"]): Decided => {
    const found = known.get(ends);
    if (found !== undefined) return found;
    const made = "leaf" in ends ? ofEnding(ends) : untilCertain(withoutEffects(ends)).map(followRule);
    known.set(ends, made);
    return made;
  };
  const followRule = ({ when, ends, at, text }: FlowRule): Rule => ruleOf(when, follow(ends), at, text);
  return untilCertain(withoutEffects(flow)).map(followRule);
}

/** What is behind a rule that always holds is not reached. */
function untilCertain<T extends { readonly when: Rule["when"] }>(rules: readonly T[]): readonly T[] {
  const last = rules.findIndex(({ when }) => when === TRUE);
  return last < 0 ? rules : rules.slice(0, last + 1);
}

function withoutEffects(rules: readonly FlowRule[]): readonly FlowRule[] {
  return rules.filter(({ effect }) => effect === undefined);
}

function ruleOf(when: Rule["when"], decides: Decided, at: Rule["at"], text: string): Rule {
  return { when, outcome: decides, at, text };
}

function changesSomething({ rules }: Facet): boolean {
  return differs(rules);
}

/** Lists share their parts: each is looked at once. */
function differs(decides: Decided): boolean {
  const seen = new Set<Decided>();
  const visit = (one: Decided): boolean => {
    if ("key" in one) return one.key !== "";
    if (seen.has(one)) return false;
    seen.add(one);
    return one.some(({ outcome }) => visit(outcome));
  };
  return visit(decides);
}

function rulesOf<T>(choice: Choice<T>, leafOf: (value: T) => Leaf): Decided {
  const known = new Map<Choice<T>, Decided>();
  const follow = (from: Choice<T>): Decided => {
    const found = known.get(from);
    if (found !== undefined) return found;
    const made =
      from.kind === "one"
        ? leafOf(from.value)
        : from.cases.map(({ when, gives }) => ruleOf(when, follow(gives), undefined, ""));
    known.set(from, made);
    return made;
  };
  const made = follow(choice);
  return "key" in made || differs(made) ? made : UNCHANGED;
}

/** As the client sent it: unchanged. */
function leafOfValue(value: Choice<Scalar | undefined>, id: string): Decided {
  return rulesOf(value, (scalar) => {
    if (scalar === undefined) return UNCHANGED;
    const parts = partsOf(scalar);
    return isReceived(parts, id) ? UNCHANGED : leafOfParts(parts, "");
  });
}

function isReceived(parts: readonly Part[], id: string): boolean {
  const [first, ...rest] = parts;
  return rest.length === 0 && first?.kind === "source" && first.on.id === id && first.through.length === 0;
}

function leafOfParts(parts: readonly Part[], front: string): Leaf {
  return { key: `${front}=${show(parts)}`, text: `${front}${readable(parts)}`, ...dependsOn(parts) };
}

function leafOfLines({ received, rewritten, added }: HeaderLines): Leaf {
  const lines = [...(rewritten === undefined ? [] : [rewritten]), ...added];
  if (lines.length === 0) return received ? UNCHANGED : { key: "removed", text: "removed" };
  const parts = lines.flatMap((line, index): readonly Part[] =>
    index === 0 ? line : [{ kind: "constant", text: "\n" }, ...line],
  );
  return leafOfParts(parts, received && rewritten === undefined ? "added " : "");
}
