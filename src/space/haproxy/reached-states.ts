// The states of an automaton that the values of another one lead to.
import type { Automaton } from "../text/automaton.ts";
import { DEAD } from "../text/automaton.ts";
import { NotFollowed } from "../text/expression.ts";

const MOST_PAIRS = 50_000;
const FEW = 20;

export interface ReachedState {
  readonly end: number;
  /** A value that leads there. */
  readonly value: string;
  /** All of them, where they are few: only computed when it is called. */
  readonly fewValues: () => readonly string[] | undefined;
}

interface Pair {
  readonly at: number;
  readonly state: number;
  readonly value: string;
  readonly next: Set<string>;
}

/** @throws NotFollowed when there are too many */
export function endsOf(values: Automaton, automaton: Automaton, from: number): readonly ReachedState[] {
  const pairs = pairsFrom(values, automaton, from);
  const ends = new Map<number, string[]>();
  for (const [key, { at, state }] of pairs) {
    if (!values.accepts(at)) continue;
    const keys = ends.get(state) ?? [];
    ends.set(state, keys);
    keys.push(key);
  }
  return [...ends].map(([end, keys]) => ({
    end,
    value: pairs.get(keys[0] ?? "")?.value ?? "",
    fewValues: () => fewValues(pairs, new Set(keys), values, automaton),
  }));
}

function pairsFrom(values: Automaton, automaton: Automaton, from: number): ReadonlyMap<string, Pair> {
  const first: Pair = { at: values.start, state: from, value: "", next: new Set() };
  const found = new Map([[`${values.start} ${from}`, first]]);
  const bytes = bytesApart(values, automaton);
  for (const { at, state, value, next } of found.values()) {
    if (found.size > MOST_PAIRS) throw new NotFollowed("too many states");
    for (const byte of bytes) {
      const [to, reached] = [step(values, at, byte), step(automaton, state, byte)];
      if (to === DEAD) continue;
      const key = `${to} ${reached}`;
      next.add(key);
      if (!found.has(key))
        found.set(key, { at: to, state: reached, value: value + String.fromCharCode(byte), next: new Set() });
    }
  }
  return found;
}

function step(automaton: Automaton, state: number, byte: number): number {
  return automaton.next(state, automaton.alphabet.symbols[byte] ?? 0);
}

/** A byte for each pair of symbols. */
function bytesApart(one: Automaton, other: Automaton): readonly number[] {
  const bytes = new Map<number, number>();
  for (let byte = 255; byte >= 0; byte -= 1)
    bytes.set((one.alphabet.symbols[byte] ?? 0) * 256 + (other.alphabet.symbols[byte] ?? 0), byte);
  return [...bytes.values()];
}

/** The texts that lead to one of the pairs; undefined: more than a few. */
function fewValues(
  pairs: ReadonlyMap<string, Pair>,
  ends: ReadonlySet<string>,
  values: Automaton,
  automaton: Automaton,
): readonly string[] | undefined {
  const useful = leadingTo(pairs, ends);
  const [start] = pairs.keys();
  let open: readonly { readonly key: string; readonly text: string }[] = [{ key: start ?? "", text: "" }];
  const found: string[] = [];
  while (open.length > 0) {
    found.push(...open.filter(({ key }) => ends.has(key)).map(({ text }) => text));
    if (found.length > FEW || open.length > FEW || (open[0]?.text.length ?? 0) > FEW) return undefined;
    open = open.flatMap(({ key, text }) => followed(pairs.get(key), text, useful, values, automaton));
  }
  return found;
}

function followed(
  pair: Pair | undefined,
  text: string,
  useful: ReadonlySet<string>,
  values: Automaton,
  automaton: Automaton,
): readonly { readonly key: string; readonly text: string }[] {
  if (pair === undefined || ![...pair.next].some((key) => useful.has(key))) return [];
  const next: { key: string; text: string }[] = [];
  for (let byte = 0; byte < 256; byte += 1) {
    const to = step(values, pair.at, byte);
    const key = `${to} ${step(automaton, pair.state, byte)}`;
    if (to !== DEAD && useful.has(key)) next.push({ key, text: text + String.fromCharCode(byte) });
  }
  return next;
}

function leadingTo(pairs: ReadonlyMap<string, Pair>, ends: ReadonlySet<string>): ReadonlySet<string> {
  const before = new Map<string, string[]>();
  for (const [key, { next }] of pairs)
    for (const to of next) {
      const keys = before.get(to) ?? [];
      before.set(to, keys);
      keys.push(key);
    }
  const useful = new Set(ends);
  for (const key of useful) for (const from of before.get(key) ?? []) useful.add(from);
  return useful;
}
