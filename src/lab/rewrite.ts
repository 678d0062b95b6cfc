// Makes a configuration playable on loopback: other addresses and paths, and every other byte as it was.

import type { HaproxyAddress } from "../wiring/haproxy/address.ts";
import type { HaproxyConfig, HaproxyEdit, HaproxyLine, HaproxyToken } from "../wiring/haproxy/config.ts";
import { editHaproxyConfig } from "../wiring/haproxy/config.ts";
import type { FileReference } from "../wiring/haproxy/files.ts";
import { editPath } from "../wiring/haproxy/files.ts";
import { privilegedTokens } from "../wiring/haproxy/privileges.ts";
import { readHaproxyWiring } from "../wiring/haproxy/read.ts";
import { dispatchAddresses } from "../wiring/haproxy/read-targets.ts";
import type {
  CheckTarget,
  HaproxyBind,
  HaproxyServer,
  HaproxyWiring,
  LocalAddress,
  LogTarget,
  NameServer,
  SourcePattern,
} from "../wiring/haproxy/wiring.ts";

/**
 * What the lab has for each place. Every function gives the new text, unquoted, or nothing to leave the place alone.
 * Addresses are whole ones, with port and prefix: `127.83.12.1:8000`.
 */
export interface LabRewrites {
  /** Also asked for stats sockets, peers and log forwarders; a UNIX socket it leaves alone goes to `file`. */
  readonly bind?: (bind: HaproxyBind) => string | undefined;
  /** Also asked for `server-template`, peers, rings and mailers. */
  readonly server?: (server: HaproxyServer) => string | undefined;
  readonly nameServer?: (nameServer: NameServer) => string | undefined;
  /** `addr`, `port`, `agent-addr`, `agent-port` of servers and of `http-check connect`; a number where a port stands. */
  readonly check?: (check: CheckTarget) => string | undefined;
  readonly source?: (source: SourcePattern) => string | undefined;
  /** Where `dispatch` sends everything (HAProxy manual section 4.2). */
  readonly dispatch?: (address: HaproxyAddress) => string | undefined;
  /** Where HAProxy calls servers from. */
  readonly localAddress?: (local: LocalAddress) => string | undefined;
  /** Log targets other than stdout, stderr and `global`; a UNIX socket it leaves alone goes to `file`. */
  readonly log?: (log: LogTarget) => string | undefined;
  /** Not asked for sockets that `unix-bind prefix` already moves. */
  readonly file?: (file: FileReference) => string | undefined;
  /**
   * Take away what only root may do and what stops HAProxy otherwise: `chroot`, `user`, `group`, `uid`, `gid`,
   * `ulimit-n` in the global section, and owners of sockets.
   */
  readonly withoutRoot?: boolean;
}

export interface LabDifference {
  readonly line: number;
  readonly column: number;
  readonly before: string;
  readonly after: string;
  /** `other` is a defect of the rewriting: no place for an address or a path. */
  readonly kind: "address" | "path" | "privilege" | "other";
}

/** `wiring` is that of `config`, where it has been read already. */
export function rewriteForLab(
  config: HaproxyConfig,
  rewrites: LabRewrites,
  wiring: HaproxyWiring = readHaproxyWiring(config),
): HaproxyConfig {
  const edits = addressEdits(config, wiring, rewrites);
  // A socket is an address and a path; whoever answers first decides. Both ranges end where the path ends.
  const decided = new Set(edits.map((edit) => placeKey(edit.token, edit.end ?? edit.token.value.length)));
  for (const edit of pathEdits(wiring, rewrites)) {
    if (!decided.has(placeKey(edit.token, edit.end ?? edit.token.value.length))) edits.push(edit);
  }
  if (rewrites.withoutRoot) {
    const removed = new Set(privilegedTokens(config));
    const kept = edits.filter((edit) => !removed.has(edit.token));
    return editHaproxyConfig(config, [
      ...kept,
      ...[...removed].map((token) => ({ token, value: undefined })),
    ]);
  }
  return editHaproxyConfig(config, edits);
}

/** What differs between a configuration and what the lab plays, place by place. */
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

function addressEdits(config: HaproxyConfig, wiring: HaproxyWiring, rewrites: LabRewrites): HaproxyEdit[] {
  const edits: HaproxyEdit[] = [];
  const at = ({ token, start, end }: HaproxyAddress, value: string | undefined): void => {
    if (value !== undefined) edits.push({ token, start, end, value });
  };
  const whole = (token: HaproxyToken, value: string | undefined): void => {
    if (value !== undefined) edits.push({ token, value });
  };
  for (const bind of wiring.binds) at(bind.address, rewrites.bind?.(bind));
  for (const server of wiring.servers) at(server.address, rewrites.server?.(server));
  for (const one of wiring.resolvers.flatMap((each) => each.nameServers))
    at(one.address, rewrites.nameServer?.(one));
  for (const log of wiring.logs) if (log.address) at(log.address, rewrites.log?.(log));
  for (const local of wiring.localAddresses) at(local.address, rewrites.localAddress?.(local));
  for (const address of dispatchAddresses(config)) at(address, rewrites.dispatch?.(address));
  for (const check of wiring.checkTargets) whole(check.token, rewrites.check?.(check));
  for (const source of wiring.sources) whole(source.token, rewrites.source?.(source));
  return edits;
}

function pathEdits(wiring: HaproxyWiring, rewrites: LabRewrites): readonly HaproxyEdit[] {
  const asked = wiring.files.map((file) => ({ file, path: rewrites.file?.(file) }));
  const prefixed = asked.some(({ file, path }) => file.role === "socket-prefix" && path !== undefined);
  const bound = new Set(wiring.binds.map((bind) => bind.address.token));
  return asked.flatMap(({ file, path }) =>
    path === undefined || (prefixed && bound.has(file.token) && file.role === "socket")
      ? []
      : [editPath(file, path)],
  );
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

/** The places of a value, and the value with a mark in place of each. */
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

/** What stands beside the words of a line, comment and end included. */
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

function placeKey(token: HaproxyToken, end: number): string {
  return `${token.line}:${token.column}:${end}`;
}
