// Sets of bytes, as regular expressions without UTF mode see them (ASCII letters only have a case: PCRE's built-in tables).

/** 256 entries: 1 where the byte is in the set. */
export type ByteSet = Readonly<Uint8Array>;

/** `ranges` are pairs of first and last character: `azAZ__` is `[a-zA-Z_]`. */
export function bytesIn(ranges: string): ByteSet {
  const set = new Uint8Array(256);
  for (let at = 0; at + 1 < ranges.length; at += 2)
    set.fill(1, ranges.charCodeAt(at), ranges.charCodeAt(at + 1) + 1);
  return set;
}

const SINGLES = Array.from({ length: 256 }, (_, byte) => bytesIn(String.fromCharCode(byte, byte)));
const PAIRS = SINGLES.map(withoutCase);

/** One byte; with `ignoreCase` in both cases. */
export function oneByte(byte: number, ignoreCase: boolean): ByteSet {
  const set = (ignoreCase ? PAIRS : SINGLES)[byte];
  if (set === undefined) throw new RangeError(`${byte} is no byte`);
  return set;
}

export function allBut(set: ByteSet): ByteSet {
  return set.map((one) => 1 - one);
}

export function unionOf(sets: readonly ByteSet[]): ByteSet {
  return new Uint8Array(256).map((_, byte) => (sets.some((set) => set[byte] === 1) ? 1 : 0));
}

/** With the other case of each letter. */
export function withoutCase(set: ByteSet): ByteSet {
  return set.map((one, byte) => one | (set[otherCase(byte)] ?? 0));
}

/** The byte itself, if it is not a letter. */
export function otherCase(byte: number): number {
  const lower = byte | 0x20;
  return lower >= 0x61 && lower <= 0x7a ? byte ^ 0x20 : byte;
}

export function lowerCase(byte: number): number {
  return byte >= 0x41 && byte <= 0x5a ? byte + 0x20 : byte;
}

export const ANY_BYTE = bytesIn("\0\xff");
export const WORD = bytesIn("azAZ09__");

/** Bytes that no given set tells apart have the same symbol. */
export interface Alphabet {
  /** By byte. */
  readonly symbols: Readonly<Uint8Array>;
  /** By symbol: its bytes. */
  readonly members: readonly (readonly number[])[];
}

/** `differences`: by byte, equal numbers are not told apart. */
export function alphabetOf(differences: Iterable<Readonly<Uint8Array>>): Alphabet {
  let symbols = new Uint8Array(256);
  for (const difference of differences) {
    const known = new Map<number, number>();
    symbols = symbols.map((symbol, byte) => {
      const pair = symbol * 256 + (difference[byte] ?? 0);
      const made = known.get(pair) ?? known.size;
      known.set(pair, made);
      return made;
    });
  }
  const members: number[][] = [];
  for (const [byte, symbol] of symbols.entries()) {
    members[symbol] ??= [];
    members[symbol].push(byte);
  }
  return { symbols, members };
}
