// Conditions over tests. Equal formulas are one object, so that they can be compared with `===` and memoised by identity.
import type { Test } from "./dimension.ts";

export type Formula =
  | { readonly kind: "constant"; readonly value: boolean }
  | { readonly kind: "test"; readonly test: Test }
  | { readonly kind: "not"; readonly of: Formula }
  | { readonly kind: "and" | "or"; readonly of: readonly Formula[] };

export const TRUE: Formula = { kind: "constant", value: true };
export const FALSE: Formula = { kind: "constant", value: false };

/** Makes formulas of one comparison: both sides must use the same. */
export class Formulas {
  readonly #known = new Map<string, Formula>();
  readonly #ids = new Map<Formula, number>([
    [TRUE, 0],
    [FALSE, 1],
  ]);

  /** The number of formulas created. */
  get size(): number {
    return this.#ids.size;
  }

  test(test: Test): Formula {
    return this.#one(`${test.on.id}\0${JSON.stringify(test.test)}`, { kind: "test", test });
  }

  not(formula: Formula): Formula {
    if (formula.kind === "constant") return formula.value ? FALSE : TRUE;
    if (formula.kind === "not") return formula.of;
    return this.#one(`!${this.idOf(formula)}`, { kind: "not", of: formula });
  }

  and(...formulas: readonly Formula[]): Formula {
    return this.#join("and", FALSE, formulas);
  }

  or(...formulas: readonly Formula[]): Formula {
    return this.#join("or", TRUE, formulas);
  }

  /** `then` where `condition` holds, otherwise `otherwise`. */
  choose(condition: Formula, then: Formula, otherwise: Formula): Formula {
    if (then === otherwise) return then;
    return this.or(this.and(condition, then), this.and(this.not(condition), otherwise));
  }

  /** `absorbing` decides alone; its opposite changes nothing. */
  #join(kind: "and" | "or", absorbing: Formula, formulas: readonly Formula[]): Formula {
    const parts = new Map<number, Formula>();
    for (const one of formulas) {
      if (one === absorbing) return absorbing;
      if (one.kind === "constant") continue;
      for (const part of one.kind === kind ? one.of : [one]) parts.set(this.idOf(part), part);
    }
    const of = [...parts.entries()].sort(([a], [b]) => a - b);
    const [first] = of;
    if (first === undefined) return this.not(absorbing);
    if (of.length === 1) return first[1];
    if (of.some(([, part]) => part.kind === "not" && parts.has(this.idOf(part.of)))) return absorbing;
    return this.#one(`${kind}:${of.map(([id]) => id).join()}`, { kind, of: of.map(([, part]) => part) });
  }

  #one(key: string, made: Formula): Formula {
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    this.#known.set(key, made);
    this.#ids.set(made, this.#ids.size);
    return made;
  }

  /** Equal for equal formulas. */
  idOf(formula: Formula): number {
    const id = this.#ids.get(formula);
    if (id === undefined) throw new RangeError("a formula of another comparison");
    return id;
  }
}
