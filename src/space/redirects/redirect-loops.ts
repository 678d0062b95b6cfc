// Redirect loops: which requests are redirected again and again, through any number of redirects.
import { Budget, BudgetExceeded } from "../budget.ts";
import { DiagramBuilder } from "../build-diagram.ts";
import { valuesOf } from "../diagram.ts";
import type { ChoiceDimension } from "../dimension.ts";
import { type Ask, type Decided, decidedBy, holdsFor } from "../evaluate-request.ts";
import { type FoundRegion, findRegions } from "../find-regions.ts";
import { FALSE, type Formula, type Formulas, TRUE } from "../formula.ts";
import { constantText } from "../haproxy/value.ts";
import { partition } from "../partition.ts";
import { type Facet, type Leaf, type Program, type Rule, UNCHANGED } from "../program.ts";
import type { QueryListener } from "../query.ts";
import { listenersOf, type Witness } from "../witness.ts";
import { type AfterRedirect, NextRequest } from "./after-redirect.ts";
import { AnswerPlaces, rulesByListener } from "./answer-places.ts";
import { nextWitness } from "./next-witness.ts";
import { PlaceRequirements, type RequiredPlace } from "./place-index.ts";
import { cyclesIn, type RedirectGraph, redirectCycles } from "./redirect-graph.ts";
import type { RedirectTarget, Unfollowed } from "./redirect-target.ts";

export interface RedirectLoop {
  /** The first request. */
  readonly witness: Witness;
  /** Until a request is the same again. */
  readonly steps: readonly RedirectStep[];
  /** The URL changes with each step, and no step ends it. */
  readonly grows: boolean;
}

export interface RedirectStep {
  readonly url: string;
  /** Of the program's rules. */
  readonly leaf: Leaf;
  /** The rule that redirects the request. */
  readonly rule: Pick<Rule, "at" | "text">;
}

export interface RedirectLoops {
  /** Those with a short first URL first. */
  readonly loops: readonly RedirectLoop[];
  /** There may be more. */
  readonly isIncomplete: boolean;
}

/** What the search needs to know of the space of a program. */
export interface RedirectSpace extends Pick<AfterRedirect, "parameterIn"> {
  readonly program: Program;
  readonly listeners: readonly QueryListener[];
  readonly formulas: Formulas;
  readonly listener: ChoiceDimension;
  readonly method: ChoiceDimension;
  /** Where a redirect leads, by request. */
  readonly targets: (leaf: Leaf, listener: QueryListener) => readonly ConditionalTarget[];
  /** Whether a host is served here. */
  readonly isOwn: (host: string, listener: QueryListener) => boolean;
  /** Which requests a client sends to a listener that was redirected there. */
  readonly asked: (listener: QueryListener, target: RedirectTarget) => Formula;
  /** Rules for requests that no redirect leads to. */
  readonly isSkipped: (rule: Rule) => boolean;
  readonly locate: (witness: Witness) => Ask;
  readonly urlOf: (witness: Witness, listener: QueryListener) => string;
}

export interface ConditionalTarget {
  readonly when: Formula;
  readonly target: RedirectTarget | Unfollowed;
}

/** The number of redirects that a browser follows. */
const MOST_STEPS = 20;
/** In larger groups, steps that no request takes are not removed. */
const MOST_EDGES = 500;
/** Some redirects of a long chain are compared at least, and more while their conditions stay simple. */
const FEWEST_STEPS = 4;
const MOST_FORMULAS = 2_000;
const FORMULAS_EACH = 100;
/** A redirect that a chain of different URLs contains this often is endless, unless the URLs get shorter. */
const MOST_TIMES = 10;
/** About a second. */
const SEARCH_STEPS = 1_000_000;
/** About two seconds. */
const EVALUATION_STEPS = 2_000_000;

/** A redirect at a listener, and the request that a client sends next. */
interface Redirect {
  readonly leaf: Leaf;
  readonly listener: QueryListener;
  readonly target: RedirectTarget;
  readonly next: NextRequest;
  readonly places: AnswerPlaces;
  /** For which of the requests that get the answer it is. */
  readonly when: Formula;
  /** Without the requests that earlier rules take. */
  readonly where: Formula;
  /** What `where` requires. */
  readonly place: RequiredPlace;
}

export function findRedirectLoops(space: RedirectSpace): RedirectLoops {
  try {
    return new LoopFinder(space).find();
  } catch (error) {
    if (!(error instanceof BudgetExceeded)) throw error;
    return { loops: [], isIncomplete: true };
  }
}

class LoopFinder {
  readonly #space: RedirectSpace;
  readonly #answers: Facet;
  readonly #setsCookie: boolean;
  readonly #budget = new Budget(SEARCH_STEPS);
  readonly #requirements = new PlaceRequirements();
  /** Whether the Location of each redirect is followed. */
  #isFollowed = true;

  constructor(space: RedirectSpace) {
    const { facets } = space.program;
    this.#space = space;
    this.#answers = facets.find(({ id }) => id === "answer") ?? { id: "answer", rules: [] };
    this.#setsCookie = facets.some(({ id }) => id === "response-header:set-cookie");
  }

  find(): RedirectLoops {
    const { formulas } = this.#space;
    const groups = redirectCycles(this.#redirects(), this.#budget).flatMap((group) => this.#possible(group));
    const endless = groups.map((group) => this.#endless(group));
    const held = endless.flatMap(({ requests }) => [...requests]).filter(([, when]) => when !== FALSE);
    if (held.length === 0) return { loops: [], isIncomplete: !this.#isFollowed };
    // For disjoint requests: of the program only these answers are needed.
    const rules = held.map(([{ leaf }, when], index) =>
      ruleOf(when, { ...this.#viewed(leaf), key: String(index) }),
    );
    const found = findRegions(
      { facets: [{ id: "answer", rules: [...rules, ruleOf(TRUE, UNCHANGED)] }], unexamined: [] },
      { requests: TRUE, verdictOf: (leaf) => (redirectStatus(leaf) === undefined ? "no" : "yes") },
      { formulas, steps: EVALUATION_STEPS },
    );
    const redirects = groups.flatMap((group) => [...group.keys()]);
    const loops = found.regions
      .flatMap((region) => this.#followed(region, redirects) ?? [])
      .toSorted((one, other) => lengthOf(one) - lengthOf(other));
    const isExact = endless.every((one) => one.isExact) || loops.length === found.regions.length;
    const isDecided = found.undecided.length === 0 || redirects.every(({ next }) => next.isFollowed);
    return {
      loops,
      isIncomplete: !isExact || !isDecided || !this.#isFollowed || found.incomplete !== undefined,
    };
  }

  #viewed(leaf: Leaf): Leaf {
    return this.#answers.view?.(leaf) ?? leaf;
  }

  #redirects(): readonly Redirect[] {
    const { listeners, formulas, isSkipped } = this.#space;
    const sections = rulesByListener(this.#answers.rules, new Set(listeners.map(({ name }) => name)));
    const isRedirect = (leaf: Leaf) => redirectStatus(this.#viewed(leaf)) !== undefined;
    const places = new Map(
      [...new Set(sections.values())].map((rules) => {
        const own = new AnswerPlaces(rules, formulas, {
          budget: this.#budget,
          requirements: this.#requirements,
        });
        return [rules, { own, all: own.all(isRedirect, isSkipped) }];
      }),
    );
    return listeners.flatMap((listener) => {
      const found = places.get(sections.get(listener.name) ?? []);
      return (found?.all ?? []).flatMap(({ leaf, where }) =>
        this.#space.targets(leaf, listener).flatMap(({ when, target }): readonly Redirect[] => {
          if (target === "unknown") this.#isFollowed &&= formulas.and(where, when) === FALSE;
          if (found === undefined || typeof target === "string" || this.#isElsewhere(target)) return [];
          const here = formulas.and(this.#asked(listener, target, leaf), where, when);
          if (here === FALSE) return [];
          const [place, next] = [this.#requirements.of(here), this.#nextOf(target, leaf)];
          return [{ leaf, listener, target, when, where: here, place, next, places: found.own }];
        }),
      );
    });
  }

  #nextOf(target: RedirectTarget, { text }: Leaf): NextRequest {
    const { formulas, parameterIn } = this.#space;
    const setsCookie = this.#setsCookie || /(?:set|clear)-cookie/.test(text);
    return new NextRequest(formulas, { target, setsCookie, parameterIn }, this.#budget);
  }

  #isElsewhere({ host, listener }: RedirectTarget): boolean {
    const text = constantText(host);
    return text === undefined ? host.length > 1 : !this.#space.isOwn(text, listener);
  }

  /** Of requests whose method the redirect changes, the next one is a GET: its loop is found by itself (RFC 9110, 15.4). */
  #asked(listener: QueryListener, target: RedirectTarget, leaf: Leaf): Formula {
    const { formulas, method: on, asked, listener: listenerDimension, listeners } = this.#space;
    const isOne = (values: readonly string[]) => formulas.test({ on, test: { kind: "one-of", values } });
    const status = redirectStatus(this.#viewed(leaf));
    const keepsMethod = status === 307 || status === 308 ? TRUE : formulas.not(isOne(["POST"]));
    const isOnly = new Set(listeners.map(({ name }) => name)).size === 1;
    return formulas.and(
      formulas.not(isOne(["CONNECT"])),
      status === 303 ? isOne(["GET", "HEAD"]) : keepsMethod,
      isOnly
        ? TRUE
        : formulas.test({ on: listenerDimension, test: { kind: "one-of", values: [listener.name] } }),
      asked(listener, target),
    );
  }

  #ownOf({ where, places, leaf, place }: Redirect): Formula {
    return this.#space.formulas.and(where, places.within(leaf, place));
  }

  /** Without steps from one redirect to another that no request takes. */
  #possible(graph: RedirectGraph<Redirect>): readonly RedirectGraph<Redirect>[] {
    const { formulas } = this.#space;
    const edges = [...graph].flatMap(([one, to]) => to.map((other) => [one, other] as const));
    if (edges.length > MOST_EDGES) return [graph];
    const own = new Map([...graph.keys()].map((one) => [one, this.#ownOf(one)]));
    const taken = edges.map(([one, other]) =>
      formulas.and(own.get(one) ?? FALSE, one.next.holds(own.get(other) ?? FALSE)),
    );
    const isTaken = satisfiable(taken, formulas, this.#budget);
    const left = [...graph.keys()].map((one) => {
      const to = edges.flatMap(([from, other], index) => (from === one && isTaken[index] ? [other] : []));
      return [one, to] as const;
    });
    return cyclesIn(new Map(left), this.#budget);
  }

  /** The requests that the redirects of a group answer again and again; not exact: or only some times. */
  #endless(graph: RedirectGraph<Redirect>): {
    readonly requests: ReadonlyMap<Redirect, Formula>;
    readonly isExact: boolean;
  } {
    const { formulas } = this.#space;
    const most = formulas.size + MOST_FORMULAS + FORMULAS_EACH * graph.size;
    const own = new Map([...graph.keys()].map((one) => [one, this.#ownOf(one)]));
    let held: ReadonlyMap<Redirect, Formula> = own;
    for (let step = 0; step < MOST_STEPS && (step < FEWEST_STEPS || formulas.size < most); step += 1) {
      const before = held;
      held = new Map(
        [...graph].map(([one, to]) => {
          this.#budget.spend(to.length);
          const again = formulas.or(...to.map((other) => before.get(other) ?? FALSE));
          return [one, formulas.and(own.get(one) ?? FALSE, one.next.holds(again))];
        }),
      );
      if ([...held].every(([one, when]) => when === before.get(one)))
        return { requests: held, isExact: true };
    }
    return { requests: held, isExact: false };
  }

  /** undefined: it ends. */
  #followed({ witness }: FoundRegion, redirects: readonly Redirect[]): RedirectLoop | undefined {
    return listenersOf(witness, this.#space.listeners)
      .map((listener) => this.#followedFrom(witness, listener, redirects))
      .find((loop) => loop !== undefined);
  }

  /** undefined: it depends on what is not known, or a rule changes its Location. */
  #decided(witness: Witness): Decided | undefined {
    const ask = this.#space.locate(witness);
    const changes = this.#space.program.facets.find(({ id }) => id === "response-header:location");
    const changed = changes && decidedBy(changes, ask)?.leaf;
    if (changes !== undefined && changed === undefined) return undefined;
    if (changed !== undefined && (changes?.view?.(changed) ?? changed).key !== UNCHANGED.key)
      return undefined;
    return decidedBy(this.#answers, ask);
  }

  #followedFrom(
    witness: Witness,
    first: QueryListener,
    redirects: readonly Redirect[],
  ): RedirectLoop | undefined {
    const sent: Witness[] = [];
    const steps: RedirectStep[] = [];
    let [now, listener]: [Witness, QueryListener] = [
      { ...witness, listener: first.name, host: witness.host?.toLowerCase() },
      first,
    ];
    for (;;) {
      const url = this.#space.urlOf(now, listener);
      const before = steps.findIndex((step) => step.url === url);
      if (before >= 0) return { witness: sent[before] ?? now, steps: steps.slice(before), grows: false };
      const decided = this.#decided(now);
      if (decided === undefined) return undefined;
      const { leaf, rules } = decided;
      const again = steps.filter((step) => step.leaf === leaf);
      const [earliest] = again;
      if (earliest !== undefined && again.length === MOST_TIMES)
        return url.length < earliest.url.length ? undefined : { witness, steps, grows: true };
      const redirect = this.#redirectFor(leaf, now, listener, redirects);
      if (redirect === undefined) return undefined;
      steps.push({ url, leaf, rule: rules.at(-1) ?? { at: undefined, text: leaf.text } });
      sent.push(now);
      now = nextWitness(now, redirect.target);
      listener = redirect.target.listener;
    }
  }

  #redirectFor(
    { key }: Leaf,
    witness: Witness,
    listener: QueryListener,
    redirects: readonly Redirect[],
  ): Redirect | undefined {
    const ask = this.#space.locate(witness);
    return redirects.find(
      (one) => one.leaf.key === key && one.listener === listener && holdsFor(one.when, ask) === true,
    );
  }
}

/** For each formula, whether it holds for any request. */
function satisfiable(asked: readonly Formula[], formulas: Formulas, budget: Budget): readonly boolean[] {
  const rules = [...new Set([...asked, TRUE])].map((when) => ruleOf(when, UNCHANGED));
  const parts = partition([{ facets: [{ id: "asked", rules }], unexamined: [] }]);
  const builder = new DiagramBuilder<boolean>(parts, formulas, budget);
  const wanted: Leaf = { key: "wanted", text: "" };
  const known = new Map<Formula, boolean>();
  return asked.map((when) => {
    const list = [ruleOf(when, wanted), ruleOf(TRUE, UNCHANGED)];
    const holds =
      known.get(when) ?? valuesOf(builder.build(list, ({ outcome }) => outcome === wanted)).has(true);
    known.set(when, holds);
    return holds;
  });
}

function ruleOf(when: Formula, outcome: Leaf): Rule {
  return { when, outcome, at: undefined, text: "" };
}

function lengthOf({ steps: [first] }: RedirectLoop): number {
  return first?.url.length ?? 0;
}

/** Clients follow a Location with these (RFC 9110, 15.4). */
const REDIRECTS: readonly number[] = [301, 302, 303, 307, 308];

/** undefined: the answer is no redirect of HAProxy. */
function redirectStatus({ answer }: Leaf): number | undefined {
  if (answer === undefined || answer.kind === "closed") return undefined;
  const isMade = answer.kind === "own" ? answer.location !== undefined : answer.relocated === true;
  const status = answer.kind === "own" ? (answer.status ?? 302) : answer.status;
  return isMade && status !== undefined && REDIRECTS.includes(status) ? status : undefined;
}
