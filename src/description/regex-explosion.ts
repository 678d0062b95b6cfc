// Whether a regular expression can take exponential time: its automaton, read in pairs.
import { parseRegex, type RegexNode } from "./regex-syntax.ts";

/** `unclear`: too large to decide within the maximum number of steps. */
export type Growth = "bounded" | "exponential" | "unclear";

/** The automaton's states, and the steps from one to another, at most: about 50 ms. */
const MOST_STATES = 1000;
const MOST_STEPS = 300_000;
/** The cost of following a pair, in addition to testing whether there is one. */
const PAIR_STEPS = 10;

/** A bounded repetition from this count on is treated as unbounded: 2^10 matches are already too many. */
const AS_GOOD_AS_ENDLESS = 10;

/**
 * A backtracking search tries every match of a text. The number of matches is exponential in the length of the text
 * exactly if some state of the automaton returns to itself over one text on two paths (Weber and Seidl, "On the degree
 * of ambiguity of finite automata", 1991): `(a+)+`, `(a|a)*`, `(a?b?)*`. Polynomial growth, as in `a*a*`, is `bounded`.
 * The result does not depend on a clock, so it is the same on every machine. Anchors and lookaheads count as always
 * true: some patterns that they limit are reported as exponential.
 */
export function growthOf(source: string): Growth {
  try {
    return growthOfTree(parseRegex(source));
  } catch (error) {
    if (error instanceof TooLarge) return "unclear";
    throw error;
  }
}

class TooLarge extends Error {}

/** Position automaton (Glushkov): a state is an occurrence of a character in the expression. */
interface Automaton {
  /** By state: the characters that lead into it, one bit per byte. */
  readonly characters: bigint[];
  /** The same by how they are written. */
  readonly bits: Map<string, bigint>;
  readonly next: Set<number>[];
  /** A repetition has the same transition as its content: two paths that the automaton has as one. */
  doubled: boolean;
  steps: number;
  /** The contents of lookaheads, as expressions of their own. */
  readonly apart: RegexNode[];
}

/** A part of the expression: the states it may begin and end with, and whether it matches nothing. */
interface Part {
  readonly first: readonly number[];
  readonly last: readonly number[];
  readonly empty: boolean;
}

const NOTHING: Part = { first: [], last: [], empty: true };

function growthOfTree(tree: RegexNode): Growth {
  const automaton: Automaton = {
    characters: [],
    bits: new Map(),
    next: [],
    doubled: false,
    steps: 0,
    apart: [],
  };
  build(automaton, tree, false);
  if (automaton.doubled || isExponential(automaton)) return "exponential";
  return automaton.apart.map(growthOfTree).includes("exponential") ? "exponential" : "bounded";
}

function build(automaton: Automaton, node: RegexNode, looping: boolean): Part {
  switch (node.kind) {
    case "place":
      return NOTHING;
    case "look":
      automaton.apart.push(node.of);
      return NOTHING;
    case "character":
      return state(automaton, node.source);
    case "sequence":
      return node.parts
        .map((part) => build(automaton, part, looping))
        .reduce((front, back) => joined(automaton, front, back), NOTHING);
    case "choice": {
      const options = node.options.map((option) => build(automaton, option, looping));
      return {
        first: options.flatMap(({ first }) => first),
        last: options.flatMap(({ last }) => last),
        empty: options.some(({ empty }) => empty),
      };
    }
    case "repeat":
      return repeat(automaton, node, looping);
  }
}

function repeat(
  automaton: Automaton,
  { of, least, most }: RegexNode & { readonly kind: "repeat" },
  looping: boolean,
): Part {
  if (most === 0) return NOTHING;
  // Within a loop the count matters, `([0-9a-f]{2})*` is harmless; elsewhere a few rounds are as good as one.
  if (most === Number.POSITIVE_INFINITY || (!looping && most >= AS_GOOD_AS_ENDLESS)) {
    const part = build(automaton, of, true);
    for (const end of part.last) connect(automaton, end, part.first);
    return { ...part, empty: part.empty || least === 0 };
  }
  if (most > MOST_STATES) throw new TooLarge();
  // x{1,3} is x(x(x)?)?: from the innermost outwards.
  let part = NOTHING;
  for (let round = looping ? most : 1; round >= 1; round--) {
    part = joined(automaton, build(automaton, of, looping), part);
    if (round > least) part = { ...part, empty: true };
  }
  return part;
}

function state(automaton: Automaton, source: string): Part {
  const bits = automaton.bits.get(source) ?? charactersOf(source);
  automaton.bits.set(source, bits);
  const index = automaton.characters.push(bits) - 1;
  if (index >= MOST_STATES) throw new TooLarge();
  automaton.next.push(new Set());
  return { first: [index], last: [index], empty: false };
}

function joined(automaton: Automaton, front: Part, back: Part): Part {
  for (const end of front.last) connect(automaton, end, back.first);
  return {
    first: front.empty ? [...front.first, ...back.first] : front.first,
    last: back.empty ? [...front.last, ...back.last] : back.last,
    empty: front.empty && back.empty,
  };
}

function connect(automaton: Automaton, from: number, to: readonly number[]): void {
  const next = automaton.next[from];
  for (const one of to) {
    step(automaton);
    if (next?.has(one) === true) automaton.doubled = true;
    next?.add(one);
  }
}

function step(automaton: Automaton, count = 1): void {
  automaton.steps += count;
  if (automaton.steps > MOST_STEPS) throw new TooLarge();
}

function charactersOf(source: string): bigint {
  const one = new RegExp(`^${source}$`, "u");
  let bits = 0n;
  for (let byte = 0; byte < 256; byte++) {
    if (one.test(String.fromCharCode(byte))) bits |= 1n << BigInt(byte);
  }
  return bits;
}

/**
 * Whether a pair of one state with itself and a pair of two different states are on one cycle of pairs that are
 * reached by the same text: Tarjan's strongly connected components, without recursion.
 */
function isExponential(automaton: Automaton): boolean {
  const { characters, next } = automaton;
  const size = characters.length;
  const numbers = new Map<number, number>();
  const lowest = new Map<number, number>();
  const open: number[] = [];
  const isOpen = new Set<number>();

  function* pairsAfter(pair: number): Generator<number> {
    for (const a of next[Math.floor(pair / size)] ?? []) {
      for (const b of next[pair % size] ?? []) {
        step(automaton);
        if (((characters[a] ?? 0n) & (characters[b] ?? 0n)) === 0n) continue;
        step(automaton, PAIR_STEPS);
        yield Math.min(a, b) * size + Math.max(a, b);
      }
    }
  }

  function enter(pair: number): { readonly pair: number; readonly after: Generator<number> } {
    numbers.set(pair, numbers.size);
    lowest.set(pair, numbers.size - 1);
    open.push(pair);
    isOpen.add(pair);
    return { pair, after: pairsAfter(pair) };
  }

  function lower(pair: number, to: number | undefined): void {
    lowest.set(pair, Math.min(lowest.get(pair) ?? 0, to ?? 0));
  }

  /** The circle that the pair closes, taken from the open ones. */
  function close(pair: number): readonly number[] {
    const circle = open.splice(open.lastIndexOf(pair));
    for (const one of circle) isOpen.delete(one);
    return circle;
  }

  for (let root = 0; root < size; root++) {
    if (numbers.has(root * size + root)) continue;
    const stack = [enter(root * size + root)];
    for (let top = stack.at(-1); top !== undefined; top = stack.at(-1)) {
      const { value: after } = top.after.next();
      if (after !== undefined) {
        if (!numbers.has(after)) stack.push(enter(after));
        else if (isOpen.has(after)) lower(top.pair, numbers.get(after));
        continue;
      }
      stack.pop();
      const below = stack.at(-1);
      if (below !== undefined) lower(below.pair, lowest.get(top.pair));
      if (lowest.get(top.pair) !== numbers.get(top.pair)) continue;
      const circle = close(top.pair);
      if (circle.some((pair) => isOneState(pair, size)) && circle.some((pair) => !isOneState(pair, size)))
        return true;
    }
  }
  return false;
}

function isOneState(pair: number, size: number): boolean {
  return Math.floor(pair / size) === pair % size;
}
