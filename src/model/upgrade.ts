// Requests that upgrade to another protocol: what HAProxy requires of them, and which are WebSocket handshakes.
import type { HeaderList } from "./headers.ts";

/** A handshake's Upgrade, as routes match it and backends see it, whatever the client's spelling. */
export const UPGRADE = ["Upgrade", "websocket"] as const;

/**
 * Why HAProxy answers 400; undefined: it does not. The WebSocket key is 16 bytes in base64, so 24 characters (RFC 6455 section
 * 4.1): HAProxy checks only this length, for every method, HTTP version and Sec-WebSocket-Version. Of several keys one of
 * that length is enough. HAProxy 2.6 first drops Upgrade from a request with a body; later versions do not.
 */
export function upgradeProblem(headers: HeaderList): string | undefined {
  const webSocket =
    tokensOf(headers, "connection").includes("upgrade") && tokensOf(headers, "upgrade").includes("websocket");
  if (!webSocket || valuesOf(headers, "sec-websocket-key").some((key) => key.length === 24)) return undefined;
  return "a WebSocket handshake needs a Sec-WebSocket-Key of 24 characters";
}

/**
 * A GET without a body whose Connection names Upgrade, and whose Upgrade is `websocket` and no other protocol (RFC 6455 section 4.1). HTTP/2 does not
 * count: HAProxy never upgrades to it, and since 3.0 removes it from such a list.
 */
export function isHandshake(method: string, headers: HeaderList): boolean {
  const protocols = tokensOf(headers, "upgrade").filter((token) => token !== "h2c" && token !== "h2");
  return (
    method === "GET" &&
    !hasBody(headers) &&
    tokensOf(headers, "connection").includes("upgrade") &&
    protocols.length > 0 &&
    protocols.every((token) => token === "websocket")
  );
}

function hasBody(headers: HeaderList): boolean {
  return (
    valuesOf(headers, "transfer-encoding").length > 0 ||
    valuesOf(headers, "content-length").some((length) => Number(length) > 0)
  );
}

/** The values of a list header, in lower case, without empty ones. */
function tokensOf(headers: HeaderList, name: string): readonly string[] {
  return valuesOf(headers, name)
    .flatMap(partsOf)
    .map((part) => trimmed(part).toLowerCase())
    .filter((part) => part !== "");
}

function valuesOf(headers: HeaderList, name: string): readonly string[] {
  return headers.filter(([other]) => other.toLowerCase() === name).map(([, value]) => value);
}

/** Splits at commas outside of quotes. */
function partsOf(value: string): readonly string[] {
  return value.match(/(?:[^,"]|"(?:[^"\\]|\\.)*"?)+/g) ?? [];
}

function trimmed(part: string): string {
  return part.replace(/^[ \t]+|[ \t]+$/g, "");
}
