// Values that a condition matches, or almost.
import fc from "fast-check";
import type { ValueMatch } from "../../src/plan/site-plan.ts";
import { witnessOf } from "./regexes.ts";

/** The matching value, or a similar one. */
export function valueFor({ kind, value }: ValueMatch): fc.Arbitrary<string> {
  const wanted = kind === "exact" ? value : kind === "regex" ? witnessOf(value, "a") : "1";
  return fc.oneof(
    { weight: 6, arbitrary: fc.constant(wanted) },
    {
      weight: 2,
      arbitrary: fc.constantFrom(
        `${wanted}x`,
        `x${wanted}`,
        wanted.toUpperCase(),
        [...wanted].slice(0, -1).join(""),
        `${wanted},${wanted}`,
        `${wanted} `,
        `${wanted}\n`,
        `\n${wanted}`,
        `${wanted}\r`,
        `${wanted}à`,
        "",
        `${wanted}|`,
        `${wanted}=`,
        encodeURIComponent(wanted),
      ),
    },
  );
}
