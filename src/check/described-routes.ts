// The routes of a description as they are written, each with its path in the description.
import type { DescriptionPath, Edge } from "../plan/lowering.ts";

type DescribedRoute = NonNullable<Edge["sites"][number]["routes"]>[number];

/** In the order of the description; empty if only a plan is known. */
export function describedRoutes(
  edge: Edge | undefined,
): readonly { readonly route: DescribedRoute; readonly path: DescriptionPath }[] {
  return (edge?.sites ?? []).flatMap(({ routes = [] }, site) =>
    routes.map((route, index) => ({ route, path: ["sites", site, "routes", index] })),
  );
}
