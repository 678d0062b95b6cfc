// The map files: hosts, paths, conditions and shares, one entry a line, keys aligned.

import type { HaproxyContext } from "./context.ts";
import type { ConditionTable } from "./routing/conditions.ts";
import type { HostTable } from "./routing/hosts.ts";
import type { MapEntry } from "./routing/routing.ts";

export const WILDCARD = "wildcard-";

export function hostFile({ entrance }: Pick<HostTable, "entrance">, kind = ""): string {
  return `${entrance === null ? "" : `${entrance}-`}${kind}hosts.map`;
}

export function conditionFile({ name }: ConditionTable): string {
  return `by-${name}.map`;
}

export function mapFiles({
  routing,
}: HaproxyContext): readonly { readonly path: string; readonly content: string }[] {
  const files: { path: string; content: string }[] = [];
  const add = (path: string, about: string, entries: readonly MapEntry[]) => {
    if (entries.length > 0) files.push({ path, content: mapText(about, entries) });
  };
  for (const table of routing.hosts) {
    add(hostFile(table), "host → site", table.exact);
    add(hostFile(table, WILDCARD), "what follows *. → site", table.wildcards);
  }
  const route = `${routing.ranked ? "rank, " : ""}section, route`;
  const tables = routing.ranked
    ? " and the tables by-*.map that contain it"
    : ", looked up first in by-*.map";
  const value = routing.conditions.length > 0 ? `${route}, key of conditions${tables}` : route;
  add("exact-paths.map", `site and path → ${value}`, routing.paths.exact);
  // The redirect of a plain port needs no routes, but every description has some.
  add("paths.map", `site and path prefix → ${value}`, routing.paths.prefixes);
  if (routing.paths.prefixes.length === 0)
    files.push({
      path: "paths.map",
      content: `# site and path prefix → ${route}: no prefix leads anywhere\n`,
    });
  for (const table of routing.conditions)
    add(conditionFile(table), `${aboutKeys(table)} → ${route}`, table.entries);
  add("shares.map", "route | part → section", routing.shares.entries);
  return files;
}

function aboutKeys({ method, headers, query }: ConditionTable): string {
  const values = [
    ...(method ? ["method"] : []),
    ...headers.map(({ name }) => name),
    ...query.map((name) => `parameter ${name}`),
  ];
  return `site and path (= before an exact one) ? ${values.join(" ? ")}`;
}

/** Sorted by key, so that a new route is one new line. */
function mapText(about: string, entries: readonly MapEntry[]): string {
  const sorted = [...entries].sort((a, b) => (a.key < b.key ? -1 : 1));
  const width = Math.min(
    48,
    sorted.reduce((widest, { key }) => Math.max(widest, key.length), 0),
  );
  return `# ${about}\n${sorted.map(({ key, value }) => `${key.padEnd(width)} ${value}\n`).join("")}`;
}
