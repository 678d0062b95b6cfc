// Values as files contain them: with their place, or with the reason why they are not known.
import type { Position } from "../findings/finding.ts";

/** A value; `at` undefined: it is not written, and is the default of the layer. */
export interface Written<T> {
  readonly value: T;
  readonly at?: Position | undefined;
}

/** A value that the files do not contain: a variable without a default, or what the cloud assigns. */
export interface Unknown {
  /** Why it is not known: a phrase, `the variable vpc_id has no default`. */
  readonly unknown: string;
  readonly at: Position;
}

export type Known<T> = Written<T> | Unknown;

export function isKnown<T>(known: Known<T>): known is Written<T> {
  return !("unknown" in known);
}

/** The value, or undefined where there is none or it is not known. */
export function knownValue<T>(known: Known<T> | undefined): T | undefined {
  return known !== undefined && isKnown(known) ? known.value : undefined;
}
