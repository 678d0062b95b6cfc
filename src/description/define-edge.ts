// What a portico.config.ts imports, for its types.
import type { EdgeDescription } from "./schema/edge.ts";

/** Returns the description as it is; editors complete and check what is written in it. */
export function defineEdge(edge: EdgeDescription): EdgeDescription {
  return edge;
}
