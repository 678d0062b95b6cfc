// What a benchmark is: a name, what it measures, and a run that gives its table as text.

export interface Benchmark {
  readonly name: string;
  readonly about: string;
  readonly run: (terms: Terms) => Promise<string>;
}

export interface Terms {
  /** The HAProxy to measure. */
  readonly haproxy: string;
  /** How often each contender gets its turn. */
  readonly rounds: number;
}
