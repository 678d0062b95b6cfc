// Addresses as HAProxy writes them: on bind and server lines, for logs, name servers and sockets (manual 3.2, section 2.9).

import type { Position } from "../../findings/finding.ts";
import { type HaproxyConfig, type HaproxyToken, tokenPosition } from "./config.ts";

export interface PortRange {
  readonly from: number;
  readonly to: number;
  /** On a server line, `+8` and `-8` are relative to the port the client came to. */
  readonly relative?: "+" | "-";
}

export interface HaproxyAddress {
  /** The value that HAProxy reads, prefix included. */
  readonly text: string;
  readonly kind: "any" | "ipv4" | "ipv6" | "name" | "path" | "variable" | "other";
  /** The prefix before the `@`: `ipv4`, `unix`, `quic6`, `udp`, `abns`, `fd`, … */
  readonly prefix?: string;
  /** Address or name without brackets; empty for `any` and for paths. */
  readonly host: string;
  /** Of a UNIX socket. */
  readonly path?: string;
  readonly ports?: PortRange;
  readonly token: HaproxyToken;
  /** The part of the token's value that this address is: a bind line has several, separated by commas. */
  readonly start: number;
  readonly end: number;
  readonly at: Position;
}

export function readAddress(config: HaproxyConfig, token: HaproxyToken): HaproxyAddress {
  return addressIn(config, token, 0, token.value.length);
}

/** The addresses of a bind line, `*:80,*:443`. */
export function readAddressList(config: HaproxyConfig, token: HaproxyToken): readonly HaproxyAddress[] {
  const addresses: HaproxyAddress[] = [];
  let start = 0;
  for (const text of token.value.split(",")) {
    if (text !== "") addresses.push(addressIn(config, token, start, start + text.length));
    start += text.length + 1;
  }
  return addresses;
}

/** Whether only processes on the same machine, or in the same pod, can reach the address. */
export function isLoopback({ kind, host }: HaproxyAddress): boolean {
  return (kind === "ipv4" && host.startsWith("127.")) || host === "::1" || host.toLowerCase() === "localhost";
}

const pathPrefixes: ReadonlySet<string> = new Set(["unix", "uxst", "uxdg", "stream+unix", "dgram+unix"]);
const otherPrefixes = /^(?:(?:stream\+|dgram\+)?(?:abnsz?|fd)|sockpair|ring|backend|rev|rhttp)$/;

function addressIn(config: HaproxyConfig, token: HaproxyToken, start: number, end: number): HaproxyAddress {
  const text = token.value.slice(start, end);
  const base = { text, token, start, end, at: tokenPosition(config, token) };
  const prefix = /^([a-z0-9+]+)@/i.exec(text)?.[1];
  const rest = prefix === undefined ? text : text.slice(prefix.length + 1);
  const marked = { ...base, ...(prefix !== undefined && { prefix }) };

  if (prefix === undefined ? rest.startsWith("/") : pathPrefixes.has(prefix)) {
    return { ...marked, kind: "path", host: "", path: rest };
  }
  if (rest.includes("$")) return { ...marked, kind: "variable", host: rest };
  if (prefix !== undefined && otherPrefixes.test(prefix)) return { ...marked, kind: "other", host: rest };

  const { host, ports } = splitPorts(rest);
  return { ...marked, kind: kindOf(host), host: host.replace(/^\[(.*)\]$/, "$1"), ...(ports && { ports }) };
}

/**
 * str2sa_range() in HAProxy's src/tools.c: the port is after the last colon. HAProxy 2.6 ignores what follows its digits,
 * `app:8080/health`; 3.0 refuses it.
 */
function splitPorts(text: string): { host: string; ports?: PortRange } {
  const found = /^(.*):([+-]?)(\d+)(?:[^\d:-][^:-]*)?(?:-(\d+)[^:]*)?$/s.exec(text);
  if (!found) return { host: text.replace(/:$/, "") };
  const [, host = "", sign = "", first = "", last = first] = found;
  const relative = sign === "+" || sign === "-" ? sign : undefined;
  return { host, ports: { from: Number(first), to: Number(last), ...(relative && { relative }) } };
}

function kindOf(host: string): HaproxyAddress["kind"] {
  if (host === "" || host === "*") return "any";
  if (/^\d+(?:\.\d+){3}$/.test(host)) return "ipv4";
  return host.includes(":") ? "ipv6" : "name";
}
