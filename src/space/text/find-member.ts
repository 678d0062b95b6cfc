// Finds a value of a class for which tests without classes of their own hold, or do not.
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

const MOST_STEPS = 200_000;

interface Reached {
  readonly place: Place;
  /** Of the automata that are wanted. */
  readonly states: readonly number[];
  readonly text: string;
}

/** The shortest; `none`: there is no such value; `unknown`: none was found within a number of steps. */
export function findMember(
  walk: Walk,
  holding: number,
  wanted: readonly Wanted[],
): { readonly value: string } | "none" | "unknown" {
  const within = (place: Place) => {
    const held = walk.holdingAt(place);
    return held !== undefined && walk.sets.contains(holding, held);
  };
  const withoutLiterals = new Walk(new Tries([], walk.sets), walk.product, walk.sets);
  if (search(withoutLiterals, holding, wanted, within) === "none") return "none";
  return search(walk, holding, wanted, (place) => walk.holdingAt(place) === holding);
}

/** Breadth first. What is passed on the way must hold in the class, too. */
function search(
  walk: Walk,
  holding: number,
  wanted: readonly Wanted[],
  isMember: (place: Place) => boolean,
): { readonly value: string } | "none" | "unknown" {
  const alphabet = alphabetOf([
    walk.product.alphabet.symbols,
    ...wanted.map(({ automaton }) => automaton.alphabet.symbols),
  ]);
  const start = { place: walk.start(), states: wanted.map(({ automaton }) => automaton.start), text: "" };
  const seen = new Set<string>();
  const open: Reached[] = [start];
  for (const { place, states, text } of open) {
    const key = `${place.sensitive} ${place.insensitive} ${place.passed} ${place.state} ${states.join()}`;
    if (seen.has(key) || !walk.sets.contains(holding, place.passed) || !possible(states, wanted)) continue;
    seen.add(key);
    if (isMember(place) && met(states, wanted)) return { value: text };
    if (seen.size > MOST_STEPS) return "unknown";
    for (const byte of bytesFrom(walk, place, alphabet)) {
      const next = walk.next(place, byte);
      if (next.state === DEAD) continue;
      const after = stepped(states, wanted, byte);
      open.push({ place: next, states: after, text: text + String.fromCharCode(byte) });
    }
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

function possible(states: readonly number[], wanted: readonly Wanted[]): boolean {
  return wanted.every(({ holds }, index) => states[index] !== (holds ? DEAD : EVERY));
}

function met(states: readonly number[], wanted: readonly Wanted[]): boolean {
  return wanted.every(({ automaton, holds }, index) => automaton.accepts(states[index] ?? DEAD) === holds);
}
