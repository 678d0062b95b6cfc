// The map files: hosts, paths, conditions and shares, one entry per line, keys aligned.
import { type EmittedFile, emittedFile } from "../file.ts";
import type { HaproxyContext } from "./context.ts";
import type { ConditionTable } from "./routing/conditions.ts";
import type { HostTable } from "./routing/hosts.ts";
import type { MapEntry } from "./routing/routing.ts";

export const WILDCARD = "wildcard-";

export function hostFile({ entrance }: Pick<HostTable, "entrance">, kind = ""): string {
  return `${entrance === undefined ? "" : `${entrance}-`}${kind}hosts.map`;
}

export function conditionFile({ name }: ConditionTable): string {
  return `by-${name}.map`;
}

export function mapFiles({ routing }: HaproxyContext): readonly EmittedFile[] {
  const route = `${routing.ranked ? "rank, " : ""}backend, route`;
  const tables = routing.ranked
    ? " and the tables by-*.map that contain it"
    : " (looked up first in by-*.map)";
  const value = routing.conditions.length > 0 ? `${route}, key of conditions${tables}` : route;
  const { exact, prefixes } = routing.paths;
  return [
    ...routing.hosts.flatMap((table) => [
      ...mapFile(hostFile(table), "host → site", table.exact),
      ...mapFile(hostFile(table, WILDCARD), "suffix after *. → site", table.wildcards),
    ]),
    ...mapFile("exact-paths.map", `site and path → ${value}`, exact),
    ...mapFile("paths.map", `site and path prefix → ${value}`, prefixes),
    // The redirect of a plain port needs no routes, but every description has some.
    ...(prefixes.length > 0
      ? []
      : [emittedFile("paths.map", [{ text: `# site and path prefix → ${route} (none)` }])]),
    ...routing.conditions.flatMap((table) =>
      mapFile(conditionFile(table), `${aboutKeys(table)} → ${route}`, table.entries),
    ),
    ...mapFile("shares.map", "route | part → backend", routing.shares.entries),
  ];
}

function aboutKeys({ method, headers, query }: ConditionTable): string {
  const values = [
    ...(method ? ["method"] : []),
    ...headers.map(({ name }) => name),
    ...query.map((name) => `parameter ${name}`),
  ];
  return `site and path (exact ones begin with =) ? ${values.join(" ? ")}`;
}

/** Sorted by key, so that a new route is one new line; none where there is no entry. */
function mapFile(path: string, about: string, entries: readonly MapEntry[]): readonly EmittedFile[] {
  if (entries.length === 0) return [];
  const sorted = [...entries].sort((a, b) => (a.key < b.key ? -1 : 1));
  const width = Math.min(
    48,
    sorted.reduce((widest, { key }) => Math.max(widest, key.length), 0),
  );
  const lines = sorted.map(({ key, value, at }) => ({ text: `${key.padEnd(width)} ${value}`, at }));
  return [emittedFile(path, [{ text: `# ${about}` }, ...lines])];
}
