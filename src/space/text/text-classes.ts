// The classes of a text as they were found, by number.
import type { TextDimension, TextTest } from "../dimension.ts";
import type { Automaton } from "./automaton.ts";
import { findMember } from "./find-member.ts";
import { type GivenTest, keyOf } from "./given-tests.ts";
import type { Answer, Member, TextClasses } from "./partition-text.ts";
import { betterTexts } from "./readable.ts";
import type { Sets } from "./sets.ts";
import { type Direction, inDirection } from "./sort-tests.ts";
import type { FoundClass, Walk } from "./walk.ts";

export interface Found {
  readonly walk: Walk;
  readonly classes: readonly FoundClass[];
}

/** `kept`: the tests whose values the classes tell apart; `separate`: automata of others, by the key of the test. */
export function numberClasses(
  { id, optional }: TextDimension,
  direction: Direction,
  kept: readonly GivenTest[],
  separate: ReadonlyMap<string, Automaton | undefined>,
  { walk, classes }: Found,
): TextClasses {
  const numbers = new Map(classes.map(({ holding }, index) => [holding, index]));
  const runs = runsOf(kept, walk.sets, classes);
  const ids = new Map(kept.map((one) => [keyOf(one.test), one.id]));
  const present = Uint32Array.from(classes.length === 0 ? [] : [0, classes.length]);

  function holds(test: TextTest): Uint32Array {
    if (test.kind === "present") return present;
    const found = runs.get(ids.get(keyOf(test)) ?? -1);
    if (found === undefined) throw new RangeError(`a test without classes for ${id}: ${keyOf(test)}`);
    return found;
  }

  function member(among: Uint32Array, answers: readonly Answer[]): Member {
    const holdings = new Set<number>();
    for (let at = 0; at < among.length; at += 2)
      for (let index = among[at] ?? 0; index < (among[at + 1] ?? 0); index += 1) {
        const found = classes[index];
        if (found !== undefined) holdings.add(found.holding);
        else if (!answers.some((one) => one.holds)) return { value: undefined };
      }
    const wanted = answers.map(({ test, holds }) => {
      const automaton = separate.get(keyOf(test));
      if (automaton === undefined) throw new RangeError(`no separate test of ${id}: ${keyOf(test)}`);
      return { automaton, holds };
    });
    const found = findMember(walk, holdings, wanted);
    return typeof found === "string" ? found : { value: inDirection(found.value, direction) };
  }

  function classOf(value: string | undefined): number | undefined {
    if (value === undefined) return optional ? classes.length : undefined;
    const holding = walk.holdingFor(inDirection(value, direction));
    return holding === undefined ? undefined : numbers.get(holding);
  }

  function witness(index: number): string | undefined {
    const found = classes[index];
    if (found === undefined) return undefined;
    const shortest = inDirection(found.witness, direction);
    return betterTexts(shortest).find((better) => classOf(better) === index) ?? shortest;
  }

  return { count: classes.length + (optional ? 1 : 0), holds, member, witness, classOf };
}

/** By test. */
function runsOf(
  tests: readonly GivenTest[],
  sets: Sets,
  classes: readonly FoundClass[],
): ReadonlyMap<number, Uint32Array> {
  const runs = new Map(tests.map(({ id }) => [id, [] as number[]]));
  for (const [index, { holding }] of classes.entries())
    for (const id of sets.members(holding)) {
      const run = runs.get(id) ?? [];
      if (run.at(-1) === index) run[run.length - 1] = index + 1;
      else run.push(index, index + 1);
    }
  return new Map([...runs].map(([id, run]) => [id, Uint32Array.from(run)]));
}
