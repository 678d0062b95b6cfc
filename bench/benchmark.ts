// What a benchmark is: a name, what it measures, and a function that returns its table as text.

export interface Benchmark {
  readonly name: string;
  readonly about: string;
  /** Required programs. */
  readonly needs: readonly Program[];
  readonly run: (terms: Terms) => Promise<string>;
}

export interface Program {
  readonly command: string;
  /** The Debian package of the program. */
  readonly in: string;
}

export interface Terms {
  /** The HAProxy to measure. */
  readonly haproxy: string;
  /** How many rounds each contender runs. */
  readonly rounds: number;
}

export const LOAD_NEEDS: readonly Program[] = [
  { command: "wrk", in: "wrk" },
  { command: "taskset", in: "util-linux" },
  { command: "cat", in: "coreutils" },
];
