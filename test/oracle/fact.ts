// One decision of the plan, and the value of a layer.
import type { Position } from "../../src/findings/finding.ts";
import { isKnown, type Known, type Written } from "../../src/wiring/written.ts";

export interface Fact {
  /** `node port of https`, `timeout server of app`. */
  readonly what: string;
  readonly planned: string;
  /** null: the layer does not have it. */
  readonly found: string | null;
  readonly at: Position | undefined;
}

type Value = string | number | boolean | null;

/** A value that a layer must have, so that it is known from the files alone. */
export function fact(
  what: string,
  planned: Value,
  found: Known<Value> | null | undefined,
  where?: Position,
): readonly Fact[] {
  if (found === null || found === undefined)
    return [{ what, planned: text(planned), found: planned === null ? "nothing" : null, at: where }];
  if (!isKnown(found))
    return [{ what, planned: text(planned), found: `not known: ${found.unknown}`, at: found.at }];
  return [{ what, planned: text(planned), found: text(found.value), at: found.at ?? where }];
}

/** A value at a place. */
export function said<T>(value: T, at: Position | undefined): Written<T> {
  return { value, at };
}

function text(value: Value): string {
  return value === null ? "nothing" : String(value);
}
