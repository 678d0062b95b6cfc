// The values of the request that header changes of a plan contain.
import type { RequestValue } from "../description/message-text.ts";
import { editsOf, linesIn } from "./header-edits.ts";
import type { Plan } from "./plan.ts";

/** Each once, in the order of the routes. */
export function usedValues({ sites }: Plan): readonly RequestValue[] {
  const values = sites
    .flatMap(({ routes }) => routes)
    .flatMap(editsOf)
    .flatMap(linesIn)
    .flatMap(({ value }) => (typeof value === "string" ? [] : value))
    .filter((part) => typeof part !== "string");
  return [...new Map(values.map((value) => [JSON.stringify(value), value])).values()];
}
