// Rewrites a configuration so that it runs on loopback: other addresses and paths, every other byte unchanged.
import type { HaproxyAddress } from "../wiring/haproxy/address.ts";
import type { HaproxyAddition, HaproxyConfig, HaproxyEdit, HaproxyToken } from "../wiring/haproxy/config.ts";
import { editHaproxyConfig } from "../wiring/haproxy/config.ts";
import type { FileReference } from "../wiring/haproxy/files.ts";
import { editPath, systemCas } from "../wiring/haproxy/files.ts";
import { privilegedTokens } from "../wiring/haproxy/privileges.ts";
import { readHaproxyWiring } from "../wiring/haproxy/read.ts";
import { dispatchAddresses } from "../wiring/haproxy/read-targets.ts";
import { placementTokens, threadCounts } from "../wiring/haproxy/threads.ts";
import { systemNameServers } from "../wiring/haproxy/untrusted/left-out.ts";
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
 * Replacements by kind of place. Each function returns the new text, unquoted, or undefined to keep the old one.
 * Addresses are complete, with port and prefix: `127.83.12.1:8000`.
 */
export interface LabRewrites {
  /** Also called for stats sockets, peers and log forwarders; a UNIX socket that it keeps goes to `file`. */
  readonly bind?: (bind: HaproxyBind) => string | undefined;
  /** Also called for `server-template`, peers, rings and mailers. */
  readonly server?: (server: HaproxyServer) => string | undefined;
  readonly nameServer?: (nameServer: NameServer) => string | undefined;
  /** Replaces the name servers of `parse-resolv-conf`. */
  readonly systemNameServers?: string;
  /** Servers that keep a name, and are not resolved at start, because this machine would resolve the name. */
  readonly unresolved?: (server: HaproxyServer) => boolean;
  /** `addr`, `port`, `agent-addr`, `agent-port` of servers and of `http-check connect`; a number in place of a port. */
  readonly check?: (check: CheckTarget) => string | undefined;
  readonly source?: (source: SourcePattern) => string | undefined;
  /** The path of the CA that replaces those of the machine on lines of servers. */
  readonly systemCa?: () => string;
  /** The target of `dispatch` (HAProxy manual section 4.2). */
  readonly dispatch?: (address: HaproxyAddress) => string | undefined;
  /** The source address of connections to servers. */
  readonly localAddress?: (local: LocalAddress) => string | undefined;
  /** Log targets other than stdout, stderr and `global`; a UNIX socket that it keeps goes to `file`. */
  readonly log?: (log: LogTarget) => string | undefined;
  /** Not called for sockets that `unix-bind prefix` already moves. */
  readonly file?: (file: FileReference) => string | undefined;
  /**
   * Removes what needs root and would stop HAProxy: `chroot`, `user`, `group`, `uid`, `gid`, `ulimit-n` in the global
   * section, and owners of sockets.
   */
  readonly withoutRoot?: boolean;
  /** `nbthread` is 1, and nothing names other threads. */
  readonly singleThread?: boolean;
  /** Binds that get `accept-proxy`, because the lab sends the client address in a PROXY header. */
  readonly acceptProxy?: ReadonlySet<HaproxyBind>;
  /** The word `connection` of `tcp-request` rules that have to see that address: `session` replaces it. */
  readonly connectionRules?: readonly HaproxyToken[];
}

/** `wiring` is that of `config`, where it has been read already. */
export function rewriteForLab(
  config: HaproxyConfig,
  rewrites: LabRewrites,
  wiring: HaproxyWiring = readHaproxyWiring(config),
): HaproxyConfig {
  const added = additions(config, wiring, rewrites);
  const edits = addressEdits(config, wiring, rewrites);
  // A socket is an address and a path; the first replacement wins. Both ranges end at the same place.
  const decided = new Set(edits.map((edit) => placeKey(edit.token, edit.end ?? edit.token.value.length)));
  for (const edit of pathEdits(wiring, rewrites)) {
    if (!decided.has(placeKey(edit.token, edit.end ?? edit.token.value.length))) edits.push(edit);
  }
  const removed = new Set([
    ...(rewrites.withoutRoot ? privilegedTokens(config) : []),
    ...(rewrites.singleThread ? placementTokens(config) : []),
  ]);
  const remaining = edits.filter((edit) => !removed.has(edit.token));
  return editHaproxyConfig(
    config,
    [...remaining, ...[...removed].map((token) => ({ token, value: undefined }))],
    added,
  );
}

/** A line may have several addresses. */
function additions(
  config: HaproxyConfig,
  { servers }: HaproxyWiring,
  { acceptProxy: binds = new Set(), systemNameServers: address, unresolved }: LabRewrites,
): readonly HaproxyAddition[] {
  const ends = new Set([...binds].flatMap(({ line }) => line.tokens.at(-1) ?? []));
  const system = address === undefined ? [] : systemNameServers(config);
  return [
    ...[...ends].map((after) => ({ after, words: "accept-proxy" })),
    ...system.map((after) => ({ after, words: `resolv.conf ${address}` })),
    ...servers.flatMap((server) => {
      const after = unresolved?.(server) === true ? server.line.tokens.at(-1) : undefined;
      return after === undefined ? [] : [{ after, words: "init-addr none" }];
    }),
  ];
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
  if (rewrites.singleThread) for (const token of threadCounts(config)) whole(token, "1");
  for (const token of rewrites.connectionRules ?? []) whole(token, "session");
  for (const token of systemCas(config)) whole(token, rewrites.systemCa?.());
  if (rewrites.systemNameServers !== undefined)
    for (const token of systemNameServers(config)) whole(token, "nameserver");
  return edits;
}

function pathEdits(wiring: HaproxyWiring, rewrites: LabRewrites): readonly HaproxyEdit[] {
  const replaced = wiring.files.map((file) => ({ file, path: rewrites.file?.(file) }));
  const prefixed = replaced.some(({ file, path }) => file.role === "socket-prefix" && path !== undefined);
  const bound = new Set(wiring.binds.map((bind) => bind.address.token));
  return replaced.flatMap(({ file, path }) =>
    path === undefined || (prefixed && bound.has(file.token) && file.role === "socket")
      ? []
      : [editPath(file, path)],
  );
}

function placeKey(token: HaproxyToken, end: number): string {
  return `${token.line}:${token.column}:${end}`;
}
