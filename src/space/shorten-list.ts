// Shortens a first-match list: conditions and lines that change nothing are left out, lines are joined, and sets get simpler names.
import type { Budget } from "./budget.ts";
import { type ClassRuns, complementOf, intersectionOf, unionOf } from "./class-runs.ts";
import { type Cube, cubesOf, valuesIn } from "./cubes.ts";
import { combine, Diagrams, type Node, valuesOf } from "./diagram.ts";
import { lineBefore, listDiagram } from "./list-diagram.ts";
import type { Names } from "./name-classes.ts";

/** A set of classes in each of some dimensions, and the value of what no earlier line matches. */
export interface Line<T> extends Cube<T> {
  /** A part of what it decides: no earlier line matches it. */
  readonly part: Cube<T>["sets"];
}

export interface ShortenOptions {
  readonly counts: readonly number[];
  readonly budget: Budget;
  readonly names: Names;
}

/** Decides the same. The last line has no conditions. @throws BudgetExceeded */
export function shortenedList<T>(lines: readonly Line<T>[], options: ShortenOptions): readonly Line<T>[] {
  const list = new ShortenedList(lines, options);
  list.widen(withoutOne);
  list.leaveOut();
  list.join();
  list.leaveOut();
  if (list.leaveToLater()) {
    list.widen(withoutOne);
    list.leaveOut();
    list.join();
    list.leaveOut();
  }
  list.widen((line) => withWider(line, options.names));
  return list.withParts();
}

class ShortenedList<T> {
  #lines: readonly Line<T>[];
  /** Which line decides; undefined: to be made. */
  #deciding: Node<Line<T>> | undefined;
  readonly #options: ShortenOptions;

  constructor(lines: readonly Line<T>[], options: ShortenOptions) {
    this.#lines = lines;
    this.#options = options;
  }

  /** Lines get the first proposed sets that take no request from a line with another value. */
  widen(proposals: (line: Line<T>) => readonly Cube<T>["sets"][]): void {
    for (let index = 0; index < this.#lines.length; index++) {
      let [line] = this.#lines.slice(index);
      while (line !== undefined) {
        const { value }: Line<T> = line;
        const sets = proposals(line).find((one) => this.#isFree(index, { sets: one, value }));
        line = sets && { ...line, sets };
        if (line !== undefined) this.#replace(this.#lines.with(index, line));
      }
    }
  }

  /** A later line with the same value that differs in one dimension is joined to a line. */
  join(): void {
    for (let index = 0; index < this.#lines.length; index++) {
      for (let at = index + 1; at < this.#lines.length; at++) {
        const [line, other] = [this.#lines[index], this.#lines[at]];
        const joined = line && other && joinedLine(line, other);
        if (joined === undefined || !this.#isFree(index, joined)) continue;
        this.#replace(this.#lines.with(index, joined).toSpliced(at, 1));
        at -= 1;
      }
    }
  }

  /** Lines are left out where the lines after them decide the same. */
  leaveOut(): void {
    const { counts, budget } = this.#options;
    const deciding = this.#decidingDiagram();
    const diagrams = new Diagrams<T>(budget);
    const same = new Diagrams<boolean>(budget);
    const kept: Line<T>[] = [];
    let rest: Node<T> | undefined;
    for (const line of this.#lines.toReversed()) {
      const compared =
        rest && combine(deciding, rest, same, (decides, value) => decides !== line || value === line.value);
      if (compared !== undefined && !valuesOf(compared).has(false)) continue;
      kept.push(line);
      rest = lineBefore(line, rest, { diagrams, counts, budget });
    }
    if (kept.length < this.#lines.length) this.#replace(kept.reverse());
  }

  /** A line is left out where the lines that then take its requests need one more condition each. Whether any was. */
  leaveToLater(): boolean {
    const before = this.#lines.length;
    for (let index = 0; index < this.#lines.length - 1; index++) {
      const shorter = this.#without(index);
      if (shorter === undefined) continue;
      this.#replace(shorter);
      index -= 1;
    }
    return this.#lines.length < before;
  }

  #without(index: number): readonly Line<T>[] | undefined {
    const line = this.#lines[index];
    const later = this.#lines.slice(index + 1);
    if (line === undefined || !later.some((one) => one.sets.size > 0 && takesFrom(one, line)))
      return undefined;
    const others = this.#lines.toSpliced(index, 1);
    const takers = this.#takers(line, others);
    if (takers.size > MOST_TAKERS || takers.size === 0) return undefined;
    for (const [dimension, classes] of line.sets) {
      const changed = others.map((one) => (takers.has(one) ? this.#but(one, dimension, classes) : one));
      const complete = changed.flatMap((one) => one ?? []);
      if (complete.length === others.length && this.#decidesAlike(complete)) return complete;
    }
    return undefined;
  }

  /** The lines that decide the requests of a line if the line is removed. */
  #takers(line: Line<T>, others: readonly Line<T>[]): ReadonlySet<Line<T>> {
    const takers = new Set<Line<T>>();
    const pairs = new Diagrams<boolean>(this.#options.budget);
    combine(this.#decidingDiagram(), this.#decidingOf(others), pairs, (was, now) => {
      const takes = was === line && now.value !== line.value;
      if (takes) takers.add(now);
      return takes;
    });
    return takers;
  }

  /** Without some classes of a dimension; undefined where that has no simple name. */
  #but(line: Line<T>, dimension: number, classes: ClassRuns): Line<T> | undefined {
    const { counts, names } = this.#options;
    if (line.sets.size === 0) return undefined;
    const rest = complementOf(classes, counts[dimension] ?? 0);
    const own = line.sets.get(dimension);
    const left = own === undefined ? rest : intersectionOf(own, rest);
    if (left.length === 0 || names.wider(dimension, left) !== undefined) return undefined;
    const sets = [...line.sets].filter(([other]) => other !== dimension);
    return { ...line, sets: new Map([...sets, [dimension, left] as const].sort(([a], [b]) => a - b)) };
  }

  #decidesAlike(lines: readonly Line<T>[]): boolean {
    const same = new Diagrams<boolean>(this.#options.budget);
    const compared = combine(
      this.#decidingDiagram(),
      this.#decidingOf(lines),
      same,
      (one, other) => one.value === other.value,
    );
    return !valuesOf(compared).has(false);
  }

  withParts(): readonly Line<T>[] {
    const deciding = this.#decidingDiagram();
    return this.#lines.map((line) => {
      const [cube] = cubesOf(deciding, this.#options.counts, (one) => one === line, 1).cubes;
      return cube === undefined ? line : { ...line, part: cube.sets };
    });
  }

  /** Whether the line at `index` may have these sets: what it takes from later lines keeps its value. */
  #isFree(index: number, { sets, value }: Cube<T>): boolean {
    const before = new Set(this.#lines.slice(0, index));
    const deciding = valuesIn(this.#decidingDiagram(), { sets, value });
    return deciding.every((line) => line.value === value || before.has(line));
  }

  #replace(lines: readonly Line<T>[]): void {
    this.#lines = lines;
    this.#deciding = undefined;
  }

  #decidingDiagram(): Node<Line<T>> {
    this.#deciding ??= this.#decidingOf(this.#lines);
    return this.#deciding;
  }

  #decidingOf(lines: readonly Line<T>[]): Node<Line<T>> {
    const { counts, budget } = this.#options;
    const made = listDiagram(
      lines.map((line) => ({ sets: line.sets, value: line })),
      { counts, budget, diagrams: new Diagrams<Line<T>>(budget) },
    );
    if (made === undefined) throw new RangeError("a list in which no line matches everything");
    return made;
  }
}

/** At most this many lines get another condition to replace a line before them. */
const MOST_TAKERS = 2;

/** Whether it matches requests of a line with another value. */
function takesFrom<T>(later: Line<T>, line: Line<T>): boolean {
  if (later.value === line.value) return false;
  return [...later.sets].every(([dimension, classes]) => {
    const own = line.sets.get(dimension);
    return own === undefined || intersectionOf(own, classes).length > 0;
  });
}

/** Without one of the conditions. */
function withoutOne<T>({ sets }: Line<T>): readonly Cube<T>["sets"][] {
  return [...sets.keys()].map((left) => new Map([...sets].filter(([dimension]) => dimension !== left)));
}

function withWider<T>({ sets }: Line<T>, names: Names): readonly Cube<T>["sets"][] {
  return [...sets].flatMap(([dimension, classes]) =>
    (names.wider(dimension, classes) ?? []).map((wider) => new Map([...sets, [dimension, wider]])),
  );
}

function joinedLine<T>(a: Line<T>, b: Line<T>): Line<T> | undefined {
  if (a.value !== b.value || a.sets.size !== b.sets.size) return undefined;
  let differing: number | undefined;
  for (const [dimension, classes] of a.sets) {
    const other = b.sets.get(dimension);
    if (other === undefined) return undefined;
    if (other.join() === classes.join()) continue;
    if (differing !== undefined) return undefined;
    differing = dimension;
  }
  if (differing === undefined) return undefined;
  const both: ClassRuns[] = [a, b].flatMap(({ sets }) => sets.get(differing) ?? []);
  return { ...a, sets: new Map([...a.sets, [differing, unionOf(both)]]) };
}
