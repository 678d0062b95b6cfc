// Many rounds on one HAProxy: several labs in parallel, until the requested number of pairs agreed, or one did not.
import type { Haproxy } from "../../src/haproxy/find.ts";
import { type Disagreement, runRound } from "./round.ts";

export interface FuzzOptions {
  readonly haproxy: Haproxy;
  /** Minimum number of compared requests. */
  readonly pairs: number;
  /** The same seed gives the same descriptions and requests. */
  readonly seed: number;
  /** Called after each round with the pairs that agreed so far. */
  readonly onRound?: (agreed: number) => void;
}

export interface FuzzResult {
  /** Compared, and equal. */
  readonly agreed: number;
  /** Number of descriptions. */
  readonly rounds: number;
  readonly tookMs: number;
  /** From the first rounds in which model and HAProxy differ. */
  readonly disagreements: readonly Disagreement[];
}

/** Enough to test each route of a description several times, and few enough for many descriptions. */
const PAIRS_A_ROUND = 250;
/** While one lab starts, others run. */
const LABS_AT_ONCE = 3;

export async function fuzz({ haproxy, pairs, seed, onRound = () => {} }: FuzzOptions): Promise<FuzzResult> {
  const began = performance.now();
  const wanted = Math.ceil(pairs / PAIRS_A_ROUND);
  const disagreements: Disagreement[] = [];
  let next = 0;
  let rounds = 0;
  const worker = async () => {
    for (let index = next++; index < wanted && disagreements.length === 0; index = next++) {
      disagreements.push(...(await runRound(haproxy, roundSeed(seed, index), PAIRS_A_ROUND)));
      rounds += 1;
      onRound(rounds * PAIRS_A_ROUND - disagreements.length);
    }
  };
  await Promise.all(Array.from({ length: LABS_AT_ONCE }, worker));
  return {
    agreed: rounds * PAIRS_A_ROUND - disagreements.length,
    rounds,
    tookMs: performance.now() - began,
    disagreements,
  };
}

/** Neighbouring seeds must not share rounds: multiplied by 2³² / φ, as in Fibonacci hashing. */
function roundSeed(seed: number, index: number): number {
  return (Math.imul(seed, 0x9e3779b1) + index) & 0x7fffffff;
}
