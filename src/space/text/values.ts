// Single values against tests, and what the values of a dimension can be.
import type { TextDimension, TextTest } from "../dimension.ts";
import { type Automaton, DEAD } from "./automaton.ts";
import { NotFollowed, sequenceOf } from "./expression.ts";
import { readPattern } from "./read-pattern.ts";
import { SearchAutomaton } from "./search-automaton.ts";
import { runAutomaton } from "./within-automaton.ts";

type Pattern = Extract<TextTest, { kind: "pattern" }>;

/** undefined: a regular expression that is not followed. */
function matchesPattern(
  { source, ignoreCase, before = "", after = "" }: Pattern,
  value: string,
): boolean | undefined {
  try {
    const automaton = automatonOfPattern(source, ignoreCase);
    if (automaton === undefined) return undefined;
    return automaton.accepts(runAutomaton(automaton, automaton.start, before + value + after));
  } catch (error) {
    if (error instanceof NotFollowed) return undefined;
    throw error;
  }
}

/** Whether a value, which is present, passes a test; undefined: not known. */
export function passes(test: TextTest, value: string): boolean | undefined {
  if (test.kind === "present") return true;
  if (test.kind === "pattern") return matchesPattern(test, value);
  if (test.kind === "any") {
    const each = test.tests.map((one) => passes(one, value));
    return each.includes(true) || (each.includes(undefined) ? undefined : false);
  }
  const [text, part] = test.ignoreCase
    ? [value.toLowerCase(), test.value.toLowerCase()]
    : [value, test.value];
  if (test.kind === "exact") return text === part;
  if (test.kind === "prefix") return text.startsWith(part);
  return test.kind === "suffix" ? text.endsWith(part) : text.includes(part);
}

/** The automaton of a regular expression that is searched for; undefined: it is not followed. */
export function automatonOfPattern(source: string, ignoreCase: boolean): Automaton | undefined {
  const key = `${ignoreCase} ${source}`;
  if (!patterns.has(key)) patterns.set(key, makeAutomaton(source, ignoreCase));
  return patterns.get(key);
}

const patterns = new Map<string, Automaton | undefined>();

function makeAutomaton(source: string, ignoreCase: boolean): Automaton | undefined {
  try {
    return new SearchAutomaton(readPattern(source, ignoreCase));
  } catch (error) {
    if (error instanceof NotFollowed) return undefined;
    throw error;
  }
}

/** Whether some value of the dimension is, or begins with, this text. */
export function mayOccur(
  dimension: TextDimension,
  test: { readonly kind: "exact" | "prefix"; readonly value: string; readonly ignoreCase: boolean },
): boolean {
  const { value, ignoreCase } = test;
  const spellings = ignoreCase ? [value, value.toLowerCase(), value.toUpperCase()] : [value];
  const automaton = universeOf(dimension);
  return spellings.some((spelling) => {
    if (/[^\0-\xff]/.test(spelling)) return false;
    const state = runAutomaton(automaton, automaton.start, spelling);
    return test.kind === "exact" ? automaton.accepts(state) : state !== DEAD;
  });
}

/** Whether the bytes of a text occur in values of the dimension. */
export function mayContain(
  dimension: TextDimension,
  { value, ignoreCase }: { readonly value: string; readonly ignoreCase: boolean },
): boolean {
  const bytes = bytesOf(dimension);
  return [...value].every(
    (byte) =>
      bytes.has(byte) || (ignoreCase && (bytes.has(byte.toLowerCase()) || bytes.has(byte.toUpperCase()))),
  );
}

export function isInUniverse(dimension: TextDimension, value: string): boolean {
  return mayOccur(dimension, { kind: "exact", value, ignoreCase: false });
}

const universes = new Map<string, Automaton>();
const alphabets = new Map<string, ReadonlySet<string>>();

/** Accepts the values of a dimension. */
export function universeOf({ universe }: Pick<TextDimension, "universe">): Automaton {
  const known = universes.get(universe);
  if (known !== undefined) return known;
  const whole = sequenceOf([
    { kind: "assertion", holds: "start" },
    readPattern(universe, false),
    { kind: "assertion", holds: "end" },
  ]);
  const made = new SearchAutomaton(whole);
  universes.set(universe, made);
  return made;
}

function bytesOf(dimension: TextDimension): ReadonlySet<string> {
  const known = alphabets.get(dimension.universe);
  if (known !== undefined) return known;
  const automaton = universeOf(dimension);
  const states = new Set([automaton.start]);
  const bytes = new Set<string>();
  for (const state of states)
    for (const [symbol, members] of automaton.alphabet.members.entries()) {
      const next = automaton.next(state, symbol);
      if (next === DEAD) continue;
      states.add(next);
      for (const byte of members) bytes.add(String.fromCharCode(byte));
    }
  alphabets.set(dimension.universe, bytes);
  return bytes;
}

/** Whether every value of the dimension passes. */
export function isCertain(
  dimension: TextDimension,
  test: Extract<TextTest, { readonly value: string }>,
): boolean {
  if (test.value === "") return test.kind !== "exact";
  if (test.value.length > 1) return false;
  const universe = universeOf(dimension);
  const literal = test.value.charCodeAt(0).toString(16).padStart(2, "0");
  const source = `${test.kind === "contains" || test.kind === "suffix" ? "" : "\\A"}\\x${literal}`;
  const search = automatonOfPattern(test.kind === "suffix" ? `${source}\\z` : source, test.ignoreCase);
  if (search === undefined || test.kind === "exact") return false;
  const pairs = new Map([["", [universe.start, search.start] as const]]);
  for (const [at, state] of pairs.values()) {
    if (universe.accepts(at) && !search.accepts(state)) return false;
    for (let byte = 0; byte < 256; byte += 1) {
      const next = universe.next(at, universe.alphabet.symbols[byte] ?? 0);
      const to = search.next(state, search.alphabet.symbols[byte] ?? 0);
      if (next !== DEAD) pairs.set(`${next} ${to}`, [next, to]);
    }
  }
  return true;
}
