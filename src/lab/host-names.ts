// The host names of an edge, for the lab's certificates.
import type { Plan } from "../plan/plan.ts";

/** The names that certificates of this edge cover. */
export function hostNames(plan: Pick<Plan, "sites">): readonly string[] {
  const names = plan.sites.flatMap(({ hosts }) =>
    hosts.flatMap(({ kind, name }) => {
      if (kind === "any") return [];
      return kind === "exact" ? [name] : [`*.${name}`];
    }),
  );
  return names.length === 0 ? ["localhost"] : [...new Set(names)];
}
