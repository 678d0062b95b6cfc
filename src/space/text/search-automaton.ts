// Determinises a regular expression (subset construction), with anchors, word boundaries and lookaheads.
import { type Automaton, DEAD, EVERY, Transitions } from "./automaton.ts";
import { type Alphabet, WORD } from "./byte-set.ts";
import { type Assertion, type Expression, type Lookahead, NotFollowed } from "./expression.ts";
import { type Context, contextOf, NEWLINE, type Nfa, nfaOf } from "./nfa.ts";

const MOST_STATES = 20_000;

/** What is before a position: nothing, a word character, a line end, another character. */
type Before = "start" | "word" | "newline" | "other";

const ACCEPT = 0;
/** What is after a position, if it is no byte. */
const END = -1;

/**
 * A position in the NFA with what the lookaheads passed still demand of the rest of the text: `demands` indexes a list of
 * demands, 0 for none.
 */
interface Item {
  readonly at: number;
  readonly demands: number;
}

interface Demand {
  readonly of: Lookahead;
  /** Of the lookahead's automaton. */
  readonly state: number;
}

interface State {
  readonly items: readonly Item[];
  readonly before: Before;
}

/** Accepts the texts in which the expression is found; with `anchored` those that begin with it. */
export class SearchAutomaton implements Automaton {
  readonly alphabet: Alphabet;
  readonly start: number;
  readonly #context: Context;
  readonly #nfa: Nfa;
  readonly #anchored: boolean;
  readonly #lookaheads = new Map<Lookahead, SearchAutomaton>();
  readonly #states: State[] = [
    { items: [], before: "other" },
    { items: [], before: "other" },
  ];
  readonly #known = new Map<string, number>();
  readonly #transitions: Transitions;
  readonly #demands: (readonly Demand[])[] = [[]];
  readonly #knownDemands = new Map<string, number>([["", 0]]);
  readonly #lookaheadIds = new Map<Lookahead, number>();

  constructor(expression: Expression, anchored = false, context = contextOf(expression)) {
    const { alphabet } = context;
    this.#context = context;
    this.alphabet = alphabet;
    this.#anchored = anchored || beginsAtStart(expression);
    this.#nfa = nfaOf(expression);
    this.#transitions = new Transitions(alphabet.members.length);
    this.start = this.startAfter("start");
  }

  /** Where a search begins within a text. */
  startAfter(before: Before): number {
    return this.#state([{ at: this.#nfa.start, demands: 0 }], before);
  }

  next(state: number, symbol: number): number {
    if (state === DEAD || state === EVERY) return state;
    const known = this.#transitions.get(state, symbol);
    return known >= 0 ? known : this.#transitions.set(state, symbol, this.#step(state, symbol));
  }

  accepts(state: number): boolean {
    if (state === DEAD || state === EVERY) return state === EVERY;
    return this.#closure(state, END) === "matched";
  }

  #step(state: number, symbol: number): number {
    const positions = this.#closure(state, symbol);
    if (positions === "matched") return EVERY;
    const byte = this.#byteOf(symbol);
    const items: Item[] = [];
    for (const { at, demands } of positions) {
      const position = this.#nfa.states[at];
      if (position?.kind === "bytes" && position.set[byte] !== 1) continue;
      const left = this.#advanced(demands, symbol);
      if (left === undefined) continue;
      const to = position?.kind === "bytes" ? position.next : ACCEPT;
      if (to === ACCEPT && left === 0) return EVERY;
      items.push({ at: to, demands: left });
    }
    if (!this.#anchored) items.push({ at: this.#nfa.start, demands: 0 });
    return this.#state(items, this.#beforeNext(byte));
  }

  /** Follows what takes no byte. Left are the positions before a byte, and the end of the expression with demands. */
  #closure(state: number, next: number): readonly Item[] | "matched" {
    const { items, before } = this.#stateAt(state);
    const found = new Map<number, Item>();
    const open = [...items];
    for (let item = open.pop(); item !== undefined; item = open.pop()) {
      const key = item.demands * this.#nfa.states.length + item.at;
      if (found.has(key)) continue;
      found.set(key, item);
      const position = this.#nfa.states[item.at];
      if (position === undefined || position.kind === "bytes") continue;
      if (position.kind === "accept") {
        if (item.demands === 0 || (next === END && this.#metAtEnd(item.demands))) return "matched";
      } else if (position.kind === "split") {
        for (const at of position.next) open.push({ at, demands: item.demands });
      } else if (position.kind === "assertion") {
        if (this.#holds(position.holds, before, next))
          open.push({ at: position.next, demands: item.demands });
      } else {
        const demands = this.#demanded(item.demands, position.of, before);
        if (demands !== undefined) open.push({ at: position.next, demands });
      }
    }
    return [...found.values()].filter(({ at }) => at === ACCEPT || this.#nfa.states[at]?.kind === "bytes");
  }

  #holds(assertion: Assertion, before: Before, next: number): boolean {
    const byte = next === END ? undefined : this.#byteOf(next);
    switch (assertion) {
      case "start":
        return before === "start";
      case "end":
        return byte === undefined;
      case "line-start":
        return before === "start" || (before === "newline" && byte !== undefined);
      case "line-end":
        return byte === undefined || byte === NEWLINE;
      default: {
        const isWord = byte !== undefined && WORD[byte] === 1;
        return ((before === "word") !== isWord) === (assertion === "word-boundary");
      }
    }
  }

  /** The demands with one more; undefined: it cannot be met. */
  #demanded(demands: number, of: Lookahead, before: Before): number | undefined {
    const state = this.#lookahead(of).startAfter(before);
    return this.#meeting([...(this.#demands[demands] ?? []), { of, state }]);
  }

  /** The demands after a symbol; undefined: one is not met. */
  #advanced(demands: number, symbol: number): number | undefined {
    if (demands === 0) return 0;
    const before = this.#demands[demands] ?? [];
    return this.#meeting(
      before.map(({ of, state }) => ({ of, state: this.#lookahead(of).next(state, symbol) })),
    );
  }

  /** Without those that are met; undefined: one is not. */
  #meeting(demands: readonly Demand[]): number | undefined {
    const left = new Map<string, Demand>();
    for (const demand of demands) {
      if (demand.state === (demand.of.negative ? EVERY : DEAD)) return undefined;
      if (demand.state === (demand.of.negative ? DEAD : EVERY)) continue;
      left.set(`${this.#lookaheadId(demand.of)}:${demand.state}`, demand);
    }
    const key = [...left.keys()].sort().join();
    const known = this.#knownDemands.get(key);
    if (known !== undefined) return known;
    this.#knownDemands.set(key, this.#demands.length);
    return this.#demands.push([...left.values()]) - 1;
  }

  #metAtEnd(demands: number): boolean {
    return (this.#demands[demands] ?? []).every(
      ({ of, state }) => this.#lookahead(of).accepts(state) !== of.negative,
    );
  }

  #lookahead(of: Lookahead): SearchAutomaton {
    const known = this.#lookaheads.get(of) ?? new SearchAutomaton(of.of, true, this.#context);
    this.#lookaheads.set(of, known);
    return known;
  }

  #lookaheadId(of: Lookahead): number {
    const known = this.#lookaheadIds.get(of) ?? this.#lookaheadIds.size;
    this.#lookaheadIds.set(of, known);
    return known;
  }

  #state(items: readonly Item[], before: Before): number {
    if (items.length === 0) return DEAD;
    const keys = new Map(items.map((item) => [item.demands * this.#nfa.states.length + item.at, item]));
    const key = `${before} ${[...keys.keys()].sort((a, b) => a - b).join()}`;
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    if (this.#states.length >= MOST_STATES) throw new NotFollowed(`more than ${MOST_STATES} states`);
    this.#known.set(key, this.#states.length);
    return this.#states.push({ items: [...keys.values()], before }) - 1;
  }

  #stateAt(state: number): State {
    const found = this.#states[state];
    if (found === undefined) throw new RangeError(`no state ${state}`);
    return found;
  }

  /** As far as an assertion needs it. */
  #beforeNext(byte: number): Before {
    if (this.#context.words && WORD[byte] === 1) return "word";
    return this.#context.lines && byte === NEWLINE ? "newline" : "other";
  }

  #byteOf(symbol: number): number {
    return this.alphabet.members[symbol]?.[0] ?? 0;
  }
}

function beginsAtStart(expression: Expression): boolean {
  switch (expression.kind) {
    case "assertion":
      return expression.holds === "start";
    case "sequence":
      return expression.parts[0] !== undefined && beginsAtStart(expression.parts[0]);
    case "choice":
      return expression.parts.every(beginsAtStart);
    case "repeat":
      return expression.least > 0 && beginsAtStart(expression.of);
    default:
      return false;
  }
}
