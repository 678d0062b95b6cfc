// Contenders under the same load, in turn (A B A B …), so that noise affects each equally; medians, and ratios to the first.
import type { Contender } from "./contender.ts";
import { type Load, type Spell, spell } from "./load.ts";

export interface Standing {
  readonly name: string;
  readonly perSecond: number;
  readonly cpuUsPerRequest: number;
  readonly p99Us: number;
  /** Throughput divided by that of the first contender: the median of the rounds' ratios. */
  readonly throughputRatio: number;
  /** CPU time per request of the first contender divided by this one's: the throughput ratio if HAProxy were the only limit. */
  readonly cpuRatio: number;
}

/** `load`: one for all, or one each. */
export async function contest(
  contenders: readonly Contender[],
  load: Load | readonly Load[],
  { rounds, seconds }: { readonly rounds: number; readonly seconds: number },
): Promise<readonly Standing[]> {
  const turns = contenders.map((contender, index) => ({ contender, load: loadOf(load, index) }));
  for (const turn of turns) await spell(turn.contender, turn.load, 1);
  const spells: Spell[][] = contenders.map(() => []);
  for (let round = 0; round < rounds; round++) {
    for (const [index, turn] of turns.entries())
      spells[index]?.push(await spell(turn.contender, turn.load, seconds));
  }
  const first = spells[0] ?? [];
  return contenders.map(({ name }, index) => {
    const own = spells[index] ?? [];
    const against = (ratio: (one: Spell, reference: Spell) => number) =>
      median(own.map((one, round) => ratio(one, first[round] ?? one)));
    return {
      name,
      perSecond: median(own.map(({ perSecond }) => perSecond)),
      cpuUsPerRequest: median(own.map(({ cpuUsPerRequest }) => cpuUsPerRequest)),
      p99Us: median(own.map(({ p99Us }) => p99Us)),
      throughputRatio: against((one, reference) => one.perSecond / reference.perSecond),
      cpuRatio: against((one, reference) => reference.cpuUsPerRequest / one.cpuUsPerRequest),
    };
  });
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1
    ? (sorted[middle] ?? Number.NaN)
    : ((sorted[middle - 1] ?? Number.NaN) + (sorted[middle] ?? Number.NaN)) / 2;
}

function loadOf(load: Load | readonly Load[], index: number): Load {
  if (!("length" in load)) return load;
  const own = load[index];
  if (own === undefined) throw new RangeError(`no load for contender ${index}`);
  return own;
}
