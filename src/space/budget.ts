// How much an evaluation may do before it ends with what is proven so far.

/** Ends an evaluation; caught where its result is made. */
export class BudgetExceeded extends Error {
  constructor() {
    super("the evaluation needs more steps than its budget");
  }
}

/** Counts steps: about a microsecond each, so that the end does not depend on the machine. */
export class Budget {
  #left: number;

  constructor(steps: number) {
    this.#left = steps;
  }

  /** @throws BudgetExceeded */
  spend(steps: number): void {
    this.#left -= steps;
    if (this.#left < 0) throw new BudgetExceeded();
  }
}
