// What a benchmark is: a name, what it measures, and a run that gives its table as text.

export interface Benchmark {
  readonly name: string;
  readonly about: string;
  /** Programs that must be there. */
  readonly needs: readonly Program[];
  readonly run: (terms: Terms) => Promise<string>;
}

export interface Program {
  readonly command: string;
  /** The Debian package that holds it. */
  readonly in: string;
}

export interface Terms {
  /** The HAProxy to measure. */
  readonly haproxy: string;
  /** How often each contender gets its turn. */
  readonly rounds: number;
}

export const LOAD_NEEDS: readonly Program[] = [
  { command: "wrk", in: "wrk" },
  { command: "taskset", in: "util-linux" },
  { command: "cat", in: "coreutils" },
];
