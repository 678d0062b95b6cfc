// What a check reports: code, severity, what is wrong, why it matters, what to do, and where.
import type { Position } from "../source/position.ts";
import type { FindingCode } from "./codes.ts";

export type { Position } from "../source/position.ts";

/** `error` stops rendering and exits 1 or 2; `warning` exits 1 from `check`; `note` never changes an exit status. */
export type Severity = "error" | "warning" | "note";

export interface Finding {
  /** Stable, with a page of the same name in docs/findings/. */
  readonly code: FindingCode;
  readonly severity: Severity;
  /** One line, no full stop: what is wrong. */
  readonly what: string;
  /** The effect on which traffic. One or two sentences. */
  readonly why: string;
  /** What to write instead. An imperative sentence. */
  readonly remedy: string;
  /** Where, the most specific place first; empty if no line can be named. */
  readonly at: readonly Position[];
  /** The fix, if it is safe. */
  readonly fix?: Fix;
  /** The findings that it shows as one, each about another object: a suppression may cover some of them. */
  readonly merged?: readonly Finding[];
  /** A suppression with a reason covers it: it does not change the exit status, and only formats for programs contain it. */
  readonly suppressed?: Suppressed;
}

/** A change of files that fixes a finding and changes nothing else. */
export interface Fix {
  /** What it does: a phrase, `adds \`timeout http-request 10s\` to defaults`. */
  readonly does: string;
  readonly edits: readonly FixEdit[];
}

/** New text for the characters from a place up to, and not with, another; the two are the same where text is put in. */
export interface FixEdit {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly endLine: number;
  readonly endColumn: number;
  readonly text: string;
}

export interface Suppressed {
  /** As it was written. */
  readonly because: string;
  readonly at: Position;
}

/** Either a value with (possibly empty) warnings, or no value and at least one error. */
export type Outcome<T> =
  | { readonly value: T; readonly findings: readonly Finding[] }
  | { readonly value?: undefined; readonly findings: readonly Finding[] };
