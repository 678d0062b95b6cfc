// Which of several texts a person reads best.
import type { Alphabet } from "./byte-set.ts";

const BEST_FIRST =
  "abcdefghijklmnopqrstuvwxyz0123456789-._/ABCDEFGHIJKLMNOPQRSTUVWXYZ~:=+@,;!*'()&$%?#[]{}|^`<>\\\" ";

const RANKS: readonly number[] = Array.from({ length: 256 }, (_, byte) => {
  const rank = BEST_FIRST.indexOf(String.fromCharCode(byte));
  return rank < 0 ? 256 + byte : rank;
});

/** The most readable byte of a symbol that `avoid` does not have; undefined: there is none. */
export function bestByte(
  { members }: Alphabet,
  symbol: number,
  avoid: ReadonlySet<number>,
): number | undefined {
  let best: number | undefined;
  for (const byte of members[symbol] ?? [])
    if (!avoid.has(byte) && (best === undefined || rankOf(byte) < rankOf(best))) best = byte;
  return best;
}

/** Smaller is better. */
export function rankOf(byte: number): number {
  return RANKS[byte] ?? Number.POSITIVE_INFINITY;
}

/** Texts that read better than the shortest one, where they have the same properties. */
export function betterTexts(shortest: string): readonly string[] {
  if (/^[a-z0-9]$/.test(shortest)) return ["other.example", "other"];
  if (/^\.[\w-]/.test(shortest)) return [`www${shortest}`];
  if (/\/\.\w+$/.test(shortest)) return [shortest.replace(/\.\w+$/, "other$&")];
  return [];
}
