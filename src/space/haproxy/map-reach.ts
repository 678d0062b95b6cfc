// Which entries of maps no request reaches, and which entries match before them.
import type { HaproxyConfig, HaproxyLine } from "../../wiring/haproxy/config.ts";
import type { MapEntry, MapFile } from "./map-file.ts";
import { containedKeys } from "./map-lookup.ts";
import type { MapLookups, World } from "./scope.ts";

export interface UnreachedEntry {
  /** As the configuration names the file. */
  readonly path: string;
  readonly entry: MapEntry;
  /** The entry that matches first; undefined: no value has this form. */
  readonly by: MapEntry | undefined;
  /** The lines that look it up. */
  readonly lines: readonly HaproxyLine[];
}

/** After an evaluation of every request. Maps with a lookup that was not evaluated are left out. */
export function unreachedEntries(world: World): readonly UnreachedEntry[] {
  return [...world.lookups].flatMap(([path, lookups]) => {
    const map = world.maps.get(path);
    const lines = world.config.lines.filter(({ text }) => text.includes(path));
    const isWhole = lines.every((line) => isEvaluated(world, line)) && !world.extensions.includes(path);
    if (map === undefined || !lookups.isFollowed || !isWhole) return [];
    const shadows = shadowsIn(map, lookups);
    return map.entries
      .filter((entry) => !lookups.reached.has(entry))
      .map((entry) => ({ path, entry, by: shadows(entry), lines }));
  });
}

/** A line of an ACL is evaluated where each rule that may name it is. */
function isEvaluated({ config, evaluated }: Pick<World, "config" | "evaluated">, line: HaproxyLine): boolean {
  const [directive, name] = line.tokens.map(({ value }) => value);
  if (directive === undefined || evaluated.has(line)) return true;
  if (directive !== "acl" || name === undefined) return false;
  return usersOf(config, name).every((user) => evaluated.has(user));
}

function usersOf({ lines }: HaproxyConfig, acl: string): readonly HaproxyLine[] {
  return lines.filter(
    ({ tokens }) =>
      tokens[0]?.value !== "acl" && tokens.some(({ value }) => value.replace(/^!+/, "") === acl),
  );
}

function shadowsIn(
  { first, entries }: MapFile,
  { methods }: MapLookups,
): (entry: MapEntry) => MapEntry | undefined {
  const [method = "", ...others] = methods;
  const order = new Map(entries.map((entry, index) => [entry, index]));
  return (entry) => {
    const contained = others.length === 0 ? containedKeys(entry.key, method) : [entry.key];
    const found = contained.flatMap((key) => first.get(key) ?? []);
    return found.find((one) => (order.get(one) ?? 0) < (order.get(entry) ?? 0));
  };
}
