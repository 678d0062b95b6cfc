// Host tables: which site a request's host belongs to; hosts of only one entrance have a separate table.
import type { Entrance, Plan } from "../../../plan/plan.ts";
import type { MapEntry } from "./routing.ts";

export interface HostTable {
  /** undefined: for every entrance. */
  readonly entrance: Entrance | undefined;
  readonly exact: readonly MapEntry[];
  /** Suffixes of `*.suffix`. */
  readonly wildcards: readonly MapEntry[];
  /** The site for every other host; undefined: none. */
  readonly any: string | undefined;
}

/** The common table first. */
export function hostTables(plan: Plan): readonly HostTable[] {
  const entrances = [...new Set(plan.listeners.map(({ entrance }) => entrance))];
  const served = plan.sites.flatMap((site) =>
    site.hosts.map((host) => ({
      ...host,
      site: site.name,
      entrances: entrances.filter((entrance) => host.entrances.includes(entrance)),
    })),
  );
  const table = (entrance: Entrance | undefined): HostTable => {
    const hosts = served.filter((host) =>
      entrance === undefined
        ? host.entrances.length === entrances.length
        : host.entrances.length < entrances.length && host.entrances.includes(entrance),
    );
    const entries = (kind: "exact" | "wildcard") =>
      hosts
        .filter((host) => host.kind === kind)
        .map(({ name, site, at }) => ({ key: name, value: site, at }));
    return {
      entrance,
      exact: entries("exact"),
      wildcards: entries("wildcard"),
      any: hosts.find(({ kind }) => kind === "any")?.site ?? undefined,
    };
  };
  return [table(undefined), ...entrances.map((entrance) => table(entrance))];
}

/** How many labels the suffixes of a table have, the longest first. */
export function suffixLabels(tables: readonly HostTable[]): readonly number[] {
  const counts = tables.flatMap(({ wildcards }) => wildcards.map(({ key }) => key.split(".").length));
  return [...new Set(counts)].sort((a, b) => b - a);
}
