// Lines for the values of a setting in which routes of one section differ.
import type { RoutePlan } from "../../plan/site-plan.ts";
import type { Place } from "../file.ts";
import { type HaproxyContext, whenRoute } from "./context.ts";
import type { Section } from "./routing/sections.ts";
import type { Line } from "./writing.ts";

/** Lines for each value that routes of a section have, under the condition that matches those routes; `at`: the place of the first of them. */
export function byValue<T>(
  context: HaproxyContext,
  section: Section,
  valuesOf: (route: RoutePlan) => readonly { readonly value: T; readonly at: Place }[],
  lines: (value: T, when: string, at: Place) => readonly Line[],
): readonly Line[] {
  const values = section.routes.flatMap((route) =>
    valuesOf(route).map(({ value, at = route.at }) => ({ route, value, at, key: keyOf(value) })),
  );
  return [...Map.groupBy(values, ({ key }) => key).values()].flatMap((same) => {
    const [first] = same;
    if (first === undefined) return [];
    const routes = same.map(({ route }) => route);
    const when = whenRoute(context, routes, section.routes, section.name);
    return lines(first.value, when, first.at).map((one) => ({ ...one, at: one.at ?? first.at }));
  });
}

/** Without places. */
export function keyOf(value: unknown): string {
  return JSON.stringify(value, (key, part) => (key === "at" ? undefined : part));
}
