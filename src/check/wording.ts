// Wording of findings: lists, places with a note.
import type { Position } from "../findings/finding.ts";

/** `a`, `b` and 3 more; at most `shown` are named. */
export function listOf(names: readonly string[], shown = 3): string {
  const quoted = names.slice(0, shown).map((name) => `\`${name}\``);
  const rest = names.length - quoted.length;
  if (rest > 0) return `${quoted.join(", ")} and ${rest} more`;
  const last = quoted.pop() ?? "";
  return quoted.length === 0 ? last : `${quoted.join(", ")} and ${last}`;
}

/** A place with a short note at its caret. */
export function noted(place: Position | undefined, note: string): Position | undefined {
  return place && { ...place, note };
}
