// Header lines of a request: those that a route matches, near misses, forged and unrelated ones.
import fc from "fast-check";
import type { Plan } from "../../src/plan/plan.ts";
import type { ValueMatch } from "../../src/plan/site-plan.ts";
import { usedValues } from "../../src/plan/used-values.ts";
import type { Lines } from "./requests.ts";
import { valueFor } from "./values.ts";

export function conditionLines(match: ValueMatch): fc.Arbitrary<Lines> {
  // A second Host is generated elsewhere.
  if (match.name === "host") return fc.constant([]);
  // So are upgrades, which need several headers.
  if (match.name === "upgrade") return upgradeLines;
  const name = fc.constantFrom(match.name, match.name.toUpperCase());
  const value = valueFor(match).map(oneLine);
  return fc.oneof(
    { weight: 8, arbitrary: fc.tuple(name, value).map((line): Lines => [line]) },
    {
      weight: 2,
      arbitrary: fc.tuple(name, value, name, value).map(
        ([a, b, c, d]): Lines => [
          [a, b],
          [c, d],
        ],
      ),
    },
    {
      weight: 1,
      arbitrary: fc.tuple(name, value).map(
        ([a, b]): Lines => [
          [a, "other"],
          [a, b],
        ],
      ),
    },
    {
      weight: 1,
      arbitrary: fc.constantFrom<Lines>(
        [],
        [[match.name, ""]],
        [[`${match.name}x`, "1"]],
        [[match.name, "x".repeat(8000)]],
      ),
    },
  );
}

const KEY = "dGhlIHNhbXBsZSBub25jZQ==";

/** Upgrade requests, complete and not. */
export const upgradeLines: fc.Arbitrary<Lines> = fc
  .record({
    connection: fc.oneof(
      { weight: 5, arbitrary: fc.constantFrom("Upgrade", "upgrade", "keep-alive, Upgrade") },
      {
        weight: 1,
        arbitrary: fc.constantFrom(
          undefined,
          "keep-alive",
          "close",
          "up grade",
          '"Upgrade"',
          "x, UPGRADE ,close",
        ),
      },
    ),
    upgrade: fc.oneof(
      { weight: 5, arbitrary: fc.constantFrom("websocket", "WebSocket") },
      {
        weight: 2,
        arbitrary: fc.constantFrom(
          undefined,
          "h2c",
          "h2",
          "foo",
          "websocket/13",
          "foo, websocket",
          "h2c, websocket",
          "websocket,H2",
          ", websocket, websocket",
          '"websocket"',
        ),
      },
    ),
    keys: fc.oneof(
      { weight: 4, arbitrary: fc.constant<string[]>([KEY]) },
      {
        weight: 2,
        arbitrary: fc.constantFrom<string[]>(
          [],
          [""],
          ["short"],
          [`${KEY}x`],
          ["!".repeat(24)],
          ["x", KEY],
          [KEY, "x"],
        ),
      },
    ),
    version: fc.constantFrom("13", "13", "8", "", undefined),
  })
  .map(({ connection, upgrade, keys, version }) => [
    ...line("Connection", connection),
    ...line("Upgrade", upgrade),
    ...keys.map((key) => ["Sec-WebSocket-Key", key] as const),
    ...line("Sec-WebSocket-Version", version),
  ]);

function line(name: string, value: string | undefined): Lines {
  return value === undefined ? [] : [[name, value]];
}

function oneLine(text: string): string {
  return text.replace(/[\0-\x08\x0a-\x1f\x7f]/g, "");
}

export function otherLine(plan: Plan): fc.Arbitrary<readonly [string, string]> {
  const known = plan.sites
    .flatMap(({ routes }) =>
      routes.flatMap(({ match, requestHeaders }) =>
        [...match.headers, ...requestHeaders.remove, ...requestHeaders.set].map(({ name }) => name),
      ),
    )
    .concat(usedValues(plan).flatMap((value) => (value.from === "header" ? [value.name] : [])))
    .filter((name) => !["host", "upgrade"].includes(name.toLowerCase()));
  const value = fc.constantFrom("1", "a", "", "x, y", "é", '"q"', "beta", "a b", "a\t%[src]");
  return fc.oneof(
    {
      weight: 3,
      arbitrary: fc.constantFrom<readonly [string, string]>(
        ["X-Forwarded-For", "6.6.6.6"],
        ["x-forwarded-for", "6.6.6.6, 7.7.7.7"],
        ["X-Forwarded-Proto", "https"],
        ["X-Forwarded-Host", "evil.example"],
        ["X-Forwarded-Port", "1"],
        ["X-FORWARDED-X", "y"],
        ["X-Forwarded", "z"],
        ["Forwarded", "for=6.6.6.6;proto=https"],
        ["forward", "no"],
        ["X-Real-IP", "6.6.6.6"],
        ["X_Forwarded_For", "6.6.6.6"],
        ["x.forwarded.proto", "https"],
        ["Client~IP", "6.6.6.6"],
        ["True-Client-IP", "6.6.6.6"],
        ["CF-Connecting-IP", "6.6.6.6"],
        ["cf_connecting_ip", "6.6.6.6"],
        ["SSL_CLIENT_S_DN", "CN=admin"],
        ["Proxy", "http://evil.example"],
        ["X-Rewrite-URL", "/admin"],
        ["X-HTTP-Method-Override", "DELETE"],
        ["X-Hosts", "no"],
        ["Client-ID", "no"],
        ["Upgrade-Insecure-Requests", "1"],
        ["Connection", "close, X-Forwarded-For, x-a"],
        ["Cookie", "c=app-1; a=b"],
        ["Accept", "text/html"],
        ["Accept-Encoding", "gzip"],
        ["User-Agent", ""],
        ["Connection", "keep-alive"],
        ["Cache-Control", "no-cache"],
        ["Via", "1.1 x"],
        ["x-lab", "1"],
      ),
    },
    {
      weight: 2,
      arbitrary: fc.tuple(known.length === 0 ? fc.constant("x-a") : fc.constantFrom(...known), value),
    },
  );
}
