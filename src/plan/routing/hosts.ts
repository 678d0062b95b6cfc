// Host tables: which site a request's host belongs to, by entrance.
import type { Entrance, Plan } from "../plan.ts";
import type { MapEntry } from "./routing.ts";

export interface HostTable {
  /** null: for every entrance. */
  readonly entrance: Entrance | null;
  readonly exact: readonly MapEntry[];
  /** Suffixes of `*.suffix`, and how many labels they have, the longest first. */
  readonly wildcards: readonly MapEntry[];
  readonly wildcardLabels: readonly number[];
  /** The site for every other host; null: none. */
  readonly any: string | null;
}

export function hostTables(plan: Plan): readonly HostTable[] {
  const entrances = [...new Set(plan.listeners.map(({ entrance }) => entrance))];
  const tables = entrances.map((entrance) => hostTable(plan, entrance));
  const [first] = tables;
  const same = tables.every(
    (table) => JSON.stringify({ ...table, entrance: null }) === JSON.stringify({ ...first, entrance: null }),
  );
  return same && first !== undefined ? [{ ...first, entrance: null }] : tables;
}

function hostTable(plan: Plan, entrance: Entrance): HostTable {
  const hosts = plan.sites.flatMap((site) =>
    site.hosts
      .filter(({ entrances }) => entrances.includes(entrance))
      .map((host) => ({ ...host, site: site.name })),
  );
  const entries = (kind: "exact" | "wildcard") =>
    hosts.filter((host) => host.kind === kind).map(({ name, site }) => ({ key: name, value: site }));
  const wildcards = entries("wildcard");
  return {
    entrance,
    exact: entries("exact"),
    wildcards,
    wildcardLabels: [...new Set(wildcards.map(({ key }) => key.split(".").length))].sort((a, b) => b - a),
    any: hosts.find(({ kind }) => kind === "any")?.site ?? null,
  };
}
