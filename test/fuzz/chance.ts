// How often a part of a description is present.
import fc from "fast-check";

/** Present in one of `of`. */
export function rarely<T>(arbitrary: fc.Arbitrary<T>, of: number): fc.Arbitrary<T | undefined> {
  return fc.nat(of - 1).chain((draw) => (draw === 0 ? arbitrary : fc.constant(undefined)));
}
