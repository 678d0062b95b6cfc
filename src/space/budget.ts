// How much an evaluation may do before it ends with what is proven so far.
import type { Formulas } from "./formula.ts";

/** Ends an evaluation; caught where its result is made. */
export class BudgetExceeded extends Error {
  constructor() {
    super("the evaluation needs more steps than its budget");
  }
}

export interface EvaluationOptions {
  /** Of all programs that are evaluated together. */
  readonly formulas: Formulas;
  /** Default 20,000,000; about a million a second. */
  readonly steps?: number | undefined;
}

const STEPS = 20_000_000;
/** Of a region's deciding rules so many are named. */
export const MOST_RULES = 10;

/** Counts steps: about a microsecond each, so that the end does not depend on the machine. */
export class Budget {
  #left: number;

  constructor(steps: number | undefined) {
    this.#left = steps ?? STEPS;
  }

  /** @throws BudgetExceeded */
  spend(steps: number): void {
    this.#left -= steps;
    if (this.#left < 0) throw new BudgetExceeded();
  }
}
