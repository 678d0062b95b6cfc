// The values of the request that header changes of a plan contain.
import type { RequestValue } from "../description/message-text.ts";
import { NO_EDITS } from "./header-edits.ts";
import type { Plan } from "./plan.ts";

/** Each once, in the order of the routes. */
export function usedValues({ sites }: Plan): readonly RequestValue[] {
  const values = sites
    .flatMap(({ routes }) => routes)
    .flatMap(({ requestHeaders, responseHeaders, ownResponseHeaders = NO_EDITS }) => [
      requestHeaders,
      responseHeaders,
      ownResponseHeaders,
    ])
    .flatMap(({ set, add, setIfAbsent }) => [...set, ...add, ...setIfAbsent])
    .flatMap(({ value }) => (typeof value === "string" ? [] : value))
    .filter((part) => typeof part !== "string");
  return [...new Map(values.map((value) => [JSON.stringify(value), value])).values()];
}
