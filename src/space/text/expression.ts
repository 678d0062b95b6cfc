// A regular expression as a tree.
import type { ByteSet } from "./byte-set.ts";

export type Expression =
  | { readonly kind: "bytes"; readonly set: ByteSet }
  | { readonly kind: "sequence" | "choice"; readonly parts: readonly Expression[] }
  /** `most` may be infinite. */
  | { readonly kind: "repeat"; readonly of: Expression; readonly least: number; readonly most: number }
  | { readonly kind: "assertion"; readonly holds: Assertion }
  | Lookahead;

/** `line-start` is not at the end of the text (pcre2pattern, "Circumflex and dollar"). */
export type Assertion = "start" | "end" | "line-start" | "line-end" | "word-boundary" | "no-word-boundary";

export interface Lookahead {
  readonly kind: "lookahead";
  readonly of: Expression;
  readonly negative: boolean;
}

/** Thrown for what cannot be followed; the message is the reason. */
export class NotFollowed extends Error {}

export const NOTHING: Expression = { kind: "sequence", parts: [] };

export function sequenceOf(parts: readonly Expression[]): Expression {
  const [only] = parts;
  return parts.length === 1 && only !== undefined ? only : { kind: "sequence", parts };
}

export function choiceOf(parts: readonly Expression[]): Expression {
  const [only] = parts;
  return parts.length === 1 && only !== undefined ? only : { kind: "choice", parts };
}
