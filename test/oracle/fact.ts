// One thing that the plan decided, and what a layer says of it.
import type { Position } from "../../src/findings/finding.ts";
import { isKnown, type Known, type Written } from "../../src/wiring/written.ts";

export interface Fact {
  /** `node port of https`, `timeout server of app`. */
  readonly what: string;
  readonly planned: string;
  /** null: the layer does not say it. */
  readonly found: string | null;
  readonly at: Position | null;
}

type Value = string | number | boolean | null;

/** What a layer must say, so that it can be known from the files alone. */
export function fact(
  what: string,
  planned: Value,
  found: Known<Value> | null | undefined,
  where: Position | null = null,
): readonly Fact[] {
  if (found === null || found === undefined)
    return [{ what, planned: text(planned), found: planned === null ? "nothing" : null, at: where }];
  if (!isKnown(found))
    return [{ what, planned: text(planned), found: `not known: ${found.unknown}`, at: found.at }];
  return [{ what, planned: text(planned), found: text(found.value), at: found.at ?? where }];
}

/** A value at a place. */
export function said<T>(value: T, at: Position | null): Written<T> {
  return { value, at };
}

function text(value: Value): string {
  return value === null ? "nothing" : String(value);
}
