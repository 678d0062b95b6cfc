// What a set of values of one dimension is called: by the tests of the programs, so that readers recognise it.
import type { Value } from "./classes/classes.ts";
import type { Dimension, Test } from "./dimension.ts";

export type Predicate =
  | { readonly kind: "test"; readonly test: Test["test"] }
  /** Of a choice. */
  | { readonly kind: "values"; readonly values: readonly string[] }
  /** Of a number, both included. */
  | { readonly kind: "ranges"; readonly ranges: readonly { readonly from: number; readonly to: number }[] }
  | { readonly kind: "absent" }
  | { readonly kind: "not"; readonly of: Predicate }
  | { readonly kind: "any"; readonly of: readonly Predicate[] }
  /** Where the first holds and the second does not. */
  | { readonly kind: "but-not"; readonly of: Predicate; readonly not: Predicate }
  /** No tests describe it: values that all tests treat like one of these. */
  | { readonly kind: "like"; readonly values: readonly Value[] };

/** A dimension and which of its values. */
export interface Condition {
  readonly on: Dimension;
  readonly is: Predicate;
}
