// Requests that upgrade to another protocol: what HAProxy requires of them, and which headers make such a request.
import type { HeaderList } from "./headers.ts";

/**
 * Why HAProxy answers 400; null: it does not. The WebSocket key is 16 bytes in base64, so 24 characters (RFC 6455 section 4.1): HAProxy counts them
 * and looks at no more, whatever the method, the HTTP version and Sec-WebSocket-Version are. Of several keys one of that length is enough.
 * HAProxy 2.6 first drops Upgrade from a request with a body; later versions do not.
 */
export function upgradeProblem(headers: HeaderList): string | null {
  const webSocket = hasToken(headers, "connection", "upgrade") && hasToken(headers, "upgrade", "websocket");
  if (!webSocket || valuesOf(headers, "sec-websocket-key").some((key) => key.length === 24)) return null;
  return "a WebSocket handshake needs a Sec-WebSocket-Key of 24 characters";
}

/**
 * Without an Upgrade that Connection does not name (RFC 9110 section 7.8), that asks for HTTP/2, or that comes with a body; and without `keep-alive`
 * and `close` in Connection, which are about the client's connection alone. The rendered rule makes HAProxy versions alike in this. One thing is left:
 * of a list such as `h2c, websocket` HAProxy 2.6 takes nothing, later versions the rest.
 */
export function withoutIdleUpgrade(headers: HeaderList): HeaderList {
  const upgrades = hasToken(headers, "connection", "upgrade") && !hasBody(headers);
  return headers.flatMap(([name, value]) => {
    const lower = name.toLowerCase();
    if (lower === "upgrade" && !upgrades) return [];
    if (lower !== "connection" && lower !== "upgrade") return [[name, value] as const];
    const rest = withoutTokens(value, lower === "upgrade" ? ["h2c", "h2"] : ["keep-alive", "close"]);
    return rest === "" ? [] : [[name, rest] as const];
  });
}

function hasBody(headers: HeaderList): boolean {
  return (
    valuesOf(headers, "transfer-encoding").length > 0 ||
    valuesOf(headers, "content-length").some((length) => Number(length) > 0)
  );
}

function hasToken(headers: HeaderList, name: string, token: string): boolean {
  return valuesOf(headers, name)
    .flatMap(partsOf)
    .some((part) => trimmed(part).toLowerCase() === token);
}

function valuesOf(headers: HeaderList, name: string): readonly string[] {
  return headers.filter(([other]) => other.toLowerCase() === name).map(([, value]) => value);
}

/** The rest as HAProxy writes it: what it has not touched stays, and what follows a gap is joined by a bare comma. */
function withoutTokens(value: string, tokens: readonly string[]): string {
  let rest = "";
  let touched = false;
  for (const part of partsOf(value)) {
    const token = trimmed(part);
    if (token === "") continue;
    if (tokens.includes(token.toLowerCase())) touched = true;
    else if (rest === "") rest = token;
    else rest += touched ? `,${token}` : `,${part}`;
  }
  return rest;
}

/** Between commas, which do not count within quotes. */
function partsOf(value: string): readonly string[] {
  return value.match(/(?:[^,"]|"(?:[^"\\]|\\.)*"?)+/g) ?? [];
}

function trimmed(part: string): string {
  return part.replace(/^[ \t]+|[ \t]+$/g, "");
}
