// Redirect loops of a haproxy.cfg: redirects that lead to themselves, and pairs of redirects that lead to each other.
import type { ChoiceDimension } from "../dimension.ts";
import { type Decided, decidedBy } from "../evaluate-request.ts";
import { type Found, type FoundRegion, findRegions } from "../find-regions.ts";
import { FALSE, type Formula, type Formulas, TRUE } from "../formula.ts";
import { type Facet, type Leaf, type Program, type Rule, UNCHANGED } from "../program.ts";
import type { QueryListener } from "../query.ts";
import { listenersOf, USUAL_PORTS, urlOfWitness, type Witness } from "../witness.ts";
import { NextRequest } from "./after-redirect.ts";
import { AnswerPlaces, hostsIn, rulesByListener } from "./answer-places.ts";
import { locateWitness } from "./locate-request.ts";
import { listenersByScheme, type RedirectTarget, redirectTarget } from "./redirect-target.ts";
import { HOST_PORT, listenerDimension, METHOD } from "./request-dimensions.ts";
import { constantText, type Part } from "./value.ts";

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
  /** The rule that redirects the request. */
  readonly rule: Pick<Rule, "at" | "text">;
}

export interface RedirectLoops {
  readonly loops: readonly RedirectLoop[];
  /** There may be more. */
  readonly isIncomplete: boolean;
}

/** The number of redirects that a browser follows. */
const MOST_STEPS = 20;
/** The maximum number of pairs of redirects that are compared. */
const MOST_PAIRS = 2_000;
/** About two seconds. */
const EVALUATION_STEPS = 2_000_000;

/** A redirect at a listener, and the request that a browser sends next. */
interface Redirect {
  readonly leaf: Leaf;
  readonly listener: QueryListener;
  readonly target: RedirectTarget;
  readonly next: NextRequest;
  readonly places: AnswerPlaces;
  /** Without the requests that earlier rules take. */
  readonly where: Formula;
}

export function findRedirectLoops(
  program: Program,
  listeners: readonly QueryListener[],
  formulas: Formulas,
): RedirectLoops {
  return new LoopFinder(program, listeners, formulas).find();
}

class LoopFinder {
  readonly #program: Program;
  readonly #answers: Pick<Facet, "rules">;
  readonly #listeners: readonly QueryListener[];
  readonly #formulas: Formulas;
  readonly #names: ReadonlySet<string>;
  readonly #listener: ChoiceDimension;
  readonly #setsCookie: boolean;

  constructor(program: Program, listeners: readonly QueryListener[], formulas: Formulas) {
    this.#program = program;
    this.#answers = program.facets.find(({ id }) => id === "answer") ?? { rules: [] };
    this.#listeners = listeners;
    this.#formulas = formulas;
    this.#names = new Set(listeners.map(({ name }) => name));
    this.#listener = listenerDimension([...this.#names]);
    this.#setsCookie = program.facets.some(({ id }) => id === "response-header:set-cookie");
  }

  find(): RedirectLoops {
    const redirects = this.#redirects();
    const { cycles, all } = this.#cycles(redirects);
    const keys = new Set(cycles.map(([{ leaf }]) => leaf.key));
    const requests = this.#formulas.or(...cycles.map((cycle) => this.#endless(cycle)));
    if (requests === FALSE) return { loops: [], isIncomplete: !all };
    const found: Found = findRegions(
      this.#program,
      { requests, verdictOf: ({ key }) => (keys.has(key) ? "yes" : "no") },
      { formulas: this.#formulas, steps: EVALUATION_STEPS },
    );
    const loops = found.regions.flatMap((region) => this.#followed(region, redirects) ?? []);
    return { loops, isIncomplete: !all || found.incomplete !== undefined };
  }

  #redirects(): readonly Redirect[] {
    const sections = rulesByListener(this.#answers.rules, this.#names);
    const places = new Map(
      [...new Set(sections.values())].map((rules) => [rules, new AnswerPlaces(rules, this.#formulas)]),
    );
    const byScheme = listenersByScheme(this.#listeners);
    const names = hostsIn(this.#program);
    return this.#listeners.flatMap((listener) => {
      const own = places.get(sections.get(listener.name) ?? []);
      return (own?.all() ?? []).flatMap(({ leaf, where }): readonly Redirect[] => {
        if (leaf.answer?.kind !== "own" || leaf.answer.location === undefined) return [];
        const target = redirectTarget(leaf.answer.location, listener, byScheme);
        if (own === undefined || target === undefined || isElsewhere(target, names)) return [];
        const setsCookie = this.#setsCookie || /(?:set|clear)-cookie/.test(leaf.text);
        const next = new NextRequest(this.#formulas, { target, setsCookie });
        const here = this.#formulas.and(this.#asked(listener, target), where);
        return here === FALSE ? [] : [{ leaf, listener, target, next, places: own, where: here }];
      });
    });
  }

  /** As a browser sends it: it names a port only where the port is not the usual one of the scheme. */
  #asked({ name, scheme, port: own }: QueryListener, { isAbsolute, port }: RedirectTarget): Formula {
    const formulas = this.#formulas;
    const on = HOST_PORT;
    const isUsual = own === undefined || own === USUAL_PORTS[scheme] || (isAbsolute && port === undefined);
    const value = String(own);
    return formulas.and(
      formulas.test({ on: METHOD, test: { kind: "one-of", values: ["GET"] } }),
      this.#names.size === 1
        ? TRUE
        : formulas.test({ on: this.#listener, test: { kind: "one-of", values: [name] } }),
      formulas.or(
        formulas.not(formulas.test({ on, test: { kind: "present" } })),
        isUsual ? FALSE : formulas.test({ on, test: { kind: "exact", value, ignoreCase: false } }),
      ),
    );
  }

  #cycles(redirects: readonly Redirect[]): {
    readonly cycles: readonly (readonly [Redirect, ...Redirect[]])[];
    readonly all: boolean;
  } {
    const cycles: [Redirect, ...Redirect[]][] = [];
    const byListener = Map.groupBy(redirects, ({ listener }) => listener);
    let left = MOST_PAIRS;
    for (const one of redirects) {
      if (leadsTo(one, one)) cycles.push([one]);
      for (const other of byListener.get(one.target.listener) ?? []) {
        if (other === one || other.target.listener !== one.listener) continue;
        left -= 1;
        if (left < 0) break;
        if (leadsTo(one, other) && leadsTo(other, one)) cycles.push([one, other]);
      }
    }
    return { cycles, all: left >= 0 };
  }

  /** The requests that the redirects answer again and again. */
  #endless(cycle: readonly Redirect[]): Formula {
    let held: Formula = TRUE;
    for (let step = 0; step < MOST_STEPS; step += cycle.length) {
      const before = held;
      held = cycle.reduceRight(
        (rest, { leaf, where, places, next }) =>
          this.#formulas.and(where, places.within(leaf), next.holds(rest)),
        held,
      );
      if (held === before) return held;
    }
    return held;
  }

  /** undefined: it ends. */
  #followed({ witness }: FoundRegion, redirects: readonly Redirect[]): RedirectLoop | undefined {
    return listenersOf(witness, this.#listeners)
      .map((listener) => this.#followedFrom(witness, listener, redirects))
      .find((loop) => loop !== undefined);
  }

  /** undefined: it depends on what is not known, or a rule changes its Location. */
  #decided(witness: Witness): Decided | undefined {
    const ask = locateWitness(witness);
    const changes = this.#program.facets.find(({ id }) => id === "response-header:location");
    const changed = changes && decidedBy(changes, ask);
    if (changes !== undefined && changed?.leaf.key !== UNCHANGED.key) return undefined;
    return decidedBy(this.#answers, ask);
  }

  #followedFrom(
    witness: Witness,
    first: QueryListener,
    redirects: readonly Redirect[],
  ): RedirectLoop | undefined {
    const steps: RedirectStep[] = [];
    let [sent, listener]: [Witness, QueryListener] = [
      { ...witness, listener: first.name, host: witness.host?.toLowerCase() },
      first,
    ];
    while (steps.length < MOST_STEPS) {
      const url = urlOfRequest(sent, listener);
      const before = steps.findIndex((step) => step.url === url);
      if (before >= 0) return { witness, steps: steps.slice(before), grows: false };
      const decided = this.#decided(sent);
      const redirect = redirects.find(
        (one) => one.leaf.key === decided?.leaf.key && one.listener === listener,
      );
      if (decided === undefined || redirect === undefined) return undefined;
      steps.push({ url, rule: decided.rules.at(-1) ?? { at: undefined, text: decided.leaf.text } });
      sent = nextWitness(sent, redirect.target);
      listener = redirect.target.listener;
    }
    return { witness, steps, grows: true };
  }
}

/** As far as their own conditions show. */
function leadsTo({ next, target }: Redirect, other: Redirect): boolean {
  return target.listener === other.listener && next.holds(other.where) !== FALSE;
}

/** A host that no condition names may be served by another edge. */
function isElsewhere({ host }: RedirectTarget, named: (host: string) => boolean): boolean {
  const text = constantText(host);
  return text === undefined ? host.length > 1 : !named(text);
}

function urlOfRequest(witness: Witness, { scheme, port }: QueryListener): string {
  const [, own] = /:(\d+)$/.exec(witness.host ?? "") ?? [];
  return urlOfWitness(witness, { scheme, port: own === undefined ? undefined : port });
}

function nextWitness(witness: Witness, { host, port, path, query, listener }: RedirectTarget): Witness {
  const [, name = "", number] = /^(.*?)(?::(\d+))?$/.exec(witness.host ?? "") ?? [];
  const [ownPath = "", ...behind] = witness.target.split("?");
  const values: Record<string, string | undefined> = {
    ...{ host: name, "host-port": number, path: ownPath, method: witness.method },
    query: behind.length === 0 ? undefined : behind.join("?"),
  };
  const written = (parts: readonly Part[]) =>
    parts.map((part) => (part.kind === "source" ? values[part.on.id] : constantText([part]))).join("");
  const [newHost, newPort] = [written(host), port && written(port)];
  return {
    ...witness,
    listener: listener.name,
    host: newPort === undefined || newPort === "" ? newHost : `${newHost}:${newPort}`,
    target: `${written(path)}${query === undefined ? "" : `?${written(query)}`}`,
  };
}
