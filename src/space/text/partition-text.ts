// Splits the values of a text into classes that no test can tell apart.
import type { TextTest } from "../dimension.ts";

/** Classes are numbered from 0; the last is "absent" where the dimension is optional. */
export interface TextClasses {
  readonly count: number;
  /** A short, readable member of each class; undefined: absent. */
  readonly witness: (index: number) => string | undefined;
  /** The classes in which a test holds, as sorted numbers. */
  readonly holds: (test: TextTest) => Uint32Array;
  /** The class of a value; undefined: the value is outside the universe. */
  readonly classOf: (value: string | undefined) => number | undefined;
}

/** A test that cannot be followed (backreference, more than the budget of states), by reason: it must become an unknown. */
export interface OpaqueTest {
  readonly test: TextTest;
  readonly why: string;
}
