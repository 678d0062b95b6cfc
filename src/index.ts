// The public library.
export { defineEdge } from "./description/define-edge.ts";
export type { EdgeDescription } from "./description/schema/edge.ts";
