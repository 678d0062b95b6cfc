// What a part of the security suite is: a name, what it shows, and a function that returns its tables and failures.
import type { Haproxy } from "../src/haproxy/find.ts";

export interface Part {
  readonly name: string;
  readonly about: string;
  readonly run: (terms: Terms) => Promise<Result>;
}

export interface Terms {
  /** Every HAProxy to run on, oldest first. */
  readonly haproxies: readonly Haproxy[];
  /** What a part installs for itself goes below this folder, which survives the run. */
  readonly tools: string;
  /** Leave out what has not this text in its name; empty for everything. */
  readonly only: string;
  /** One line on progress, for stderr. */
  readonly progress: (line: string) => void;
}

export interface Result {
  /** Markdown. */
  readonly report: string;
  /** One line a failure. */
  readonly failures: readonly string[];
}
