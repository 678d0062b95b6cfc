// Finds a value of some classes for which tests without classes of their own hold, or do not.
import { type Automaton, DEAD, EVERY } from "./automaton.ts";
import { type Alphabet, alphabetOf } from "./byte-set.ts";
import { bestByte, rankOf } from "./readable.ts";
import { Tries } from "./trie.ts";
import { type Place, Walk } from "./walk.ts";

/** What is demanded of a value. */
export interface Wanted {
  readonly automaton: Automaton;
  readonly holds: boolean;
}

/** Transitions of one automaton: about a second. */
const MOST_TRANSITIONS = 10_000_000;

/** Up to here a search leaves out the texts that lead to none of the classes. */
const FEW_CLASSES = 50;

interface Reached {
  readonly place: Place;
  /** Of the automata that are wanted. */
  readonly states: readonly number[];
  readonly text: string;
}

/**
 * The shortest value of one of the classes, by the sets of tests that hold in them. `none`: there is no such value; `unknown`:
 * none was found within a number of steps. At first only tests that must hold are searched for, then those that a value
 * found does not meet.
 */
export function findMember(
  walk: Walk,
  among: ReadonlySet<number>,
  wanted: readonly Wanted[],
): { readonly value: string } | "none" | "unknown" {
  const few = among.size <= FEW_CLASSES ? [...among] : undefined;
  const possible = (set: number) =>
    few === undefined || few.some((holding) => walk.sets.contains(holding, set));
  const withoutLiterals = new Walk(new Tries([], walk.sets), walk.product, walk.sets);
  let asked = wanted.filter(({ holds }) => holds);
  for (;;) {
    if (search(withoutLiterals, asked, possible, possible) === "none") return "none";
    const found = search(walk, asked, possible, (holding) => among.has(holding));
    if (typeof found === "string") return found;
    const missed = wanted.filter(({ automaton, holds }) => isFound(automaton, found.value) !== holds);
    if (missed.length === 0) return found;
    asked = [...asked, ...missed];
  }
}

function isFound(automaton: Automaton, value: string): boolean {
  let state = automaton.start;
  for (let at = 0; at < value.length; at += 1)
    state = automaton.next(state, automaton.alphabet.symbols[value.charCodeAt(at)] ?? 0);
  return automaton.accepts(state);
}

/** Breadth first. `possible`: whether these tests may hold; those on the path must. */
function search(
  walk: Walk,
  wanted: readonly Wanted[],
  possible: (set: number) => boolean,
  isMember: (holding: number) => boolean,
): { readonly value: string } | "none" | "unknown" {
  const alphabet = alphabetOf([
    walk.product.alphabet.symbols,
    ...wanted.map(({ automaton }) => automaton.alphabet.symbols),
  ]);
  const start = { place: walk.start(), states: wanted.map(({ automaton }) => automaton.start), text: "" };
  const seen = new Set<string>();
  const open: Reached[] = [start];
  let transitions = 0;
  for (const { place, states, text } of open) {
    const key = `${place.sensitive} ${place.insensitive} ${place.passed} ${place.state} ${states.join()}`;
    if (seen.has(key) || !possible(place.passed) || !canBeMet(states, wanted)) continue;
    seen.add(key);
    const holding = walk.holdingAt(place);
    if (holding !== undefined && isMember(holding) && met(states, wanted)) return { value: text };
    for (const byte of bytesFrom(walk, place, alphabet)) {
      transitions += 1 + wanted.length;
      const next = walk.next(place, byte);
      if (next.state === DEAD) continue;
      const after = stepped(states, wanted, byte);
      open.push({ place: next, states: after, text: text + String.fromCharCode(byte) });
    }
    if (transitions > MOST_TRANSITIONS) return "unknown";
  }
  return "none";
}

/** Those of the tries, and one for all others that nothing tells apart. */
function bytesFrom(walk: Walk, place: Place, alphabet: Alphabet): readonly number[] {
  const inTries = walk.bytesFrom(place);
  const avoid = new Set(inTries);
  const others = [...alphabet.members.keys()].flatMap((symbol) => bestByte(alphabet, symbol, avoid) ?? []);
  return [...inTries, ...others].sort((a, b) => rankOf(a) - rankOf(b));
}

function stepped(states: readonly number[], wanted: readonly Wanted[], byte: number): readonly number[] {
  return wanted.map(({ automaton }, index) =>
    automaton.next(states[index] ?? DEAD, automaton.alphabet.symbols[byte] ?? 0),
  );
}

function canBeMet(states: readonly number[], wanted: readonly Wanted[]): boolean {
  return wanted.every(({ holds }, index) => states[index] !== (holds ? DEAD : EVERY));
}

function met(states: readonly number[], wanted: readonly Wanted[]): boolean {
  return wanted.every(({ automaton, holds }, index) => automaton.accepts(states[index] ?? DEAD) === holds);
}
