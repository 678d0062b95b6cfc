// Routes that no table can contain: those with a regular expression, or with a test for the presence of a query parameter.
import type { RouteMatch } from "../../../plan/site-plan.ts";
import type { RankedRoute } from "./routing.ts";

export interface RuledRoute extends RankedRoute {
  /** Its rank as values begin with it. */
  readonly rankWord: string;
  /** Its value, as the tables would have it. */
  readonly value: string;
}

export function isRuled({ path, headers, query }: RouteMatch): boolean {
  return (
    path.kind === "regex" ||
    headers.some(({ kind }) => kind === "regex") ||
    query.some(({ kind }) => kind !== "exact")
  );
}

export function isConditional({ methods, headers, query }: RouteMatch): boolean {
  return methods.length + headers.length + query.length > 0;
}
