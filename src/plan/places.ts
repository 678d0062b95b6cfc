// Positions of the description's parts: for values of the plan that are not decisions, such as a list of texts.
import type { Position } from "../findings/finding.ts";
import type { Lowering } from "./lowering.ts";
import type { Plan } from "./plan.ts";

/** By path, at most two keys deep: `logs`, `public.loadBalancer`. Parts that the description omits have no place. */
export type Places = Readonly<Record<string, Position>>;

/** Sites, backends and expectations have their own places. */
const PLACED: readonly string[] = ["sites", "backends", "expectations", "invariants"];

export function lowerPlaces({ edge, at }: Lowering): Places {
  const paths = Object.entries(edge)
    .filter(([key]) => !PLACED.includes(key))
    .flatMap(([key, part]) => [
      [key],
      ...(typeof part === "object" && !Array.isArray(part)
        ? Object.keys(part).map((inner) => [key, inner])
        : []),
    ]);
  return Object.fromEntries(
    paths.flatMap((path) => {
      const place = at(path);
      return place === undefined ? [] : [[path.join("."), place]];
    }),
  );
}

/** The place of a part, or of its closest parent. */
export function partOf(
  { places }: Pick<Plan, "places">,
  path: string,
): { readonly at: Position | undefined } {
  return { at: places[path] ?? places[path.replace(/\..*/, "")] };
}
