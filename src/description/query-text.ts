// How conditions of questions about all requests are written: statuses and client addresses.
import { isIP } from "node:net";

/** `not`: clients outside of all of them. */
export interface NetworksQuery {
  readonly networks: readonly string[];
  readonly not: boolean;
}

/** Both included. */
export interface StatusRange {
  readonly from: number;
  readonly to: number;
}

/** `403`, `2xx`; undefined: neither. */
export function readStatus(text: string): StatusRange | undefined {
  if (/^[1-5]xx$/i.test(text)) {
    const from = Number(text[0]) * 100;
    return { from, to: from + 99 };
  }
  return /^[1-5]\d\d$/.test(text) ? { from: Number(text), to: Number(text) } : undefined;
}

/** Networks or addresses, separated by commas or blanks, or `not` and such a list; undefined: something else. */
export function readNetworks(text: string): NetworksQuery | undefined {
  const words = text.split(/[\s,]+/).filter((word) => word !== "");
  const not = words[0] === "not";
  const networks = not ? words.slice(1) : words;
  return networks.length > 0 && networks.every(isNetwork) ? { networks, not } : undefined;
}

function isNetwork(text: string): boolean {
  const [address = "", bits, ...rest] = text.split("/");
  const version = isIP(address);
  if (version === 0 || rest.length > 0) return false;
  return bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (version === 4 ? 32 : 128));
}

/** `app.example.com` or `*.example.com`. */
export function isHostQuery(text: string): boolean {
  return /^(?:\*\.)?[a-z0-9_-]+(?:\.[a-z0-9_-]+)*$/i.test(text);
}

const TOKEN = /^[A-Za-z0-9!#$%&'*+.^_`|~-]+$/;

/** Names of headers and methods (RFC 9110, section 5.6.2). */
export function isToken(text: string): boolean {
  return TOKEN.test(text);
}
