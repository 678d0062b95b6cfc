// The changes that the lab makes to a configuration, place by place: only addresses, paths and privileges may differ.
import type { HaproxyConfig, HaproxyLine, HaproxyToken } from "../../src/wiring/haproxy/config.ts";
import { privilegedTokens } from "../../src/wiring/haproxy/privileges.ts";
import { readHaproxyWiring } from "../../src/wiring/haproxy/read.ts";
import { dispatchAddresses } from "../../src/wiring/haproxy/read-targets.ts";

export interface LabDifference {
  readonly line: number;
  readonly column: number;
  readonly before: string;
  readonly after: string;
  /** `other` is a defect of the rewriting: the place has neither an address nor a path. */
  readonly kind: "address" | "path" | "privilege" | "other";
}

/** The differences between a configuration and the one that the lab runs, place by place. */
export function differences(before: HaproxyConfig, after: HaproxyConfig): readonly LabDifference[] {
  const placesBefore = placesByToken(before);
  const placesAfter = placesByToken(after);
  const privileged = new Set(privilegedTokens(before));
  const found: LabDifference[] = [];
  const count = Math.max(before.lines.length, after.lines.length);
  for (let index = 0; index < count; index += 1) {
    const old = before.lines[index];
    const now = after.lines[index];
    if (old?.text === now?.text && old?.end === now?.end) continue;
    const kept = old?.tokens.filter((token) => !privileged.has(token)) ?? [];
    const dropped =
      now !== undefined && now.tokens.length === kept.length && kept.length !== old?.tokens.length;
    const pairs = dropped ? kept : (old?.tokens ?? []);
    if (!old || !now || pairs.length !== now.tokens.length || blanks(old) !== blanks(now)) {
      found.push(wholeLine(index + 1, old, now));
      continue;
    }
    if (dropped) found.push(...old.tokens.filter((token) => privileged.has(token)).map(takenAway));
    pairs.forEach((token, position) => {
      const other = now.tokens[position];
      if (other && other.text !== token.text) {
        found.push(...tokenDifferences(token, placesBefore.get(token), other, placesAfter.get(other)));
      }
    });
  }
  return found;
}

interface Place {
  readonly start: number;
  readonly end: number;
  readonly kind: "address" | "path";
}

function placesByToken(config: HaproxyConfig): ReadonlyMap<HaproxyToken, readonly Place[]> {
  const wiring = readHaproxyWiring(config);
  const places = new Map<HaproxyToken, Place[]>();
  const add = (token: HaproxyToken, start: number, end: number, kind: Place["kind"]): void => {
    const list = places.get(token) ?? [];
    if (!list.some((place) => place.end === end)) list.push({ start, end, kind });
    places.set(token, list);
  };
  for (const file of wiring.files) add(file.token, file.start, file.end, "path");
  const addresses = [
    ...[...wiring.binds, ...wiring.servers, ...wiring.localAddresses].map((one) => one.address),
    ...wiring.resolvers.flatMap((each) => each.nameServers.map((one) => one.address)),
    ...wiring.logs.flatMap((log) => log.address ?? []),
    ...dispatchAddresses(config),
  ];
  for (const { token, start, end } of addresses) add(token, start, end, "address");
  for (const { token } of [...wiring.checkTargets, ...wiring.sources])
    add(token, 0, token.value.length, "address");
  return places;
}

function tokenDifferences(
  old: HaproxyToken,
  oldPlaces: readonly Place[] = [],
  now: HaproxyToken,
  nowPlaces: readonly Place[] = [],
): readonly LabDifference[] {
  const where = { line: old.line, column: old.column };
  const before = cut(old.value, oldPlaces);
  const after = cut(now.value, nowPlaces);
  if (before.rest !== after.rest) return [{ ...where, before: old.text, after: now.text, kind: "other" }];
  return before.parts.flatMap((part, index): readonly LabDifference[] => {
    const other = after.parts[index] ?? part;
    return other.text === part.text
      ? []
      : [{ ...where, before: part.text, after: other.text, kind: part.kind }];
  });
}

/** The places of a value, and the value with a placeholder for each. */
function cut(
  value: string,
  places: readonly Place[],
): { rest: string; parts: { text: string; kind: Place["kind"] }[] } {
  let rest = "";
  let at = 0;
  const parts = [];
  for (const place of places.toSorted((a, b) => a.start - b.start)) {
    rest += `${value.slice(at, place.start)}\0`;
    parts.push({ text: value.slice(place.start, place.end), kind: place.kind });
    at = place.end;
  }
  return { rest: rest + value.slice(at), parts };
}

/** The text between and after the words of a line, comment and line end included. */
function blanks(line: HaproxyLine): string {
  let rest = "";
  let at = 0;
  for (const token of line.tokens) {
    rest += line.text.slice(at, token.column - 1);
    at = token.column - 1 + token.length;
  }
  return rest + line.text.slice(at) + line.end;
}

function takenAway(token: HaproxyToken): LabDifference {
  return { line: token.line, column: token.column, before: token.text, after: "", kind: "privilege" };
}

function wholeLine(line: number, old: HaproxyLine | undefined, now: HaproxyLine | undefined): LabDifference {
  return { line, column: 1, before: old?.text ?? "", after: now?.text ?? "", kind: "other" };
}
