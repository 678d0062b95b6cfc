// Which entries of maps no request reaches, and which entries match before them.
import type { HaproxyConfig, HaproxyLine } from "../../wiring/haproxy/config.ts";
import type { MapEntry, MapFile } from "./map-file.ts";
import { containedKeys } from "./map-lookup.ts";
import type { MapLookups, PlacedLookup, World } from "./scope.ts";
import type { Shadow } from "./shadowing-rules.ts";

export interface UnreachedEntry {
  /** As the configuration names the file. */
  readonly path: string;
  readonly entry: MapEntry;
  /** The entry that matches first; undefined: no value has this form, or rules take its requests. */
  readonly by: MapEntry | undefined;
  /** The rules before the lookups that take its requests; undefined: none does. */
  readonly takenBy?: readonly Shadow[];
  /** The lines that look it up. */
  readonly lines: readonly HaproxyLine[];
}

/** Of entries that a lookup finds: those whose requests earlier rules take. */
export type TakenEntries = (placed: readonly PlacedLookup[]) => ReadonlyMap<MapEntry, readonly Shadow[]>;

/** After an evaluation of every request. Maps with a lookup that was not evaluated are left out. */
export function unreachedEntries(world: World, takenIn: TakenEntries): readonly UnreachedEntry[] {
  return [...world.lookups].flatMap(([path, lookups]) => {
    const map = world.maps.get(path);
    const lines = world.config.lines.filter(({ text }) => text.includes(path));
    const isWhole = lines.every((line) => isEvaluated(world, line)) && !world.extensions.includes(path);
    if (map === undefined || !lookups.isFollowed || !isWhole) return [];
    const shadows = shadowsIn(map, lookups);
    const taken = takenIn(lookups.placed);
    return map.entries.flatMap((entry): readonly UnreachedEntry[] => {
      if (!lookups.reached.has(entry)) return [{ path, entry, by: shadows(entry), lines }];
      const takenBy = taken.get(entry);
      return takenBy === undefined ? [] : [{ path, entry, by: undefined, takenBy, lines }];
    });
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
