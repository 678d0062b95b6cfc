// The model's decisions for upgrade requests; test/fuzz/found.test.ts compares them with every HAProxy.
import { describe, expect, it } from "vitest";
import type { HeaderList } from "../../src/model/headers.ts";
import { decisionFor, outcome, planned, site } from "./planned.ts";

const plan = planned({
  sites: site([
    { path: "/ws", header: { upgrade: "websocket" }, to: "api" },
    { header: { connection: "Upgrade" }, to: "next" },
    { path: "/open", to: "api", websocket: true },
    { to: "app" },
  ]),
});
const KEY = ["Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="] as const;
const upgrade = (connection: string, protocol: string, ...more: HeaderList): HeaderList => [
  ["Host", "a.test"],
  ["Connection", connection],
  ["Upgrade", protocol],
  ...more,
];

describe("a WebSocket handshake", () => {
  it.each<readonly [string, HeaderList, string]>([
    ["with a key", upgrade("Upgrade", "websocket", KEY), "api"],
    ["without a key", upgrade("Upgrade", "websocket"), "400"],
    ["with a key that is too short", upgrade("Upgrade", "websocket", ["Sec-WebSocket-Key", "abc"]), "400"],
    [
      "with two keys, one of them complete",
      upgrade("upgrade", "websocket", ["Sec-WebSocket-Key", "abc"], KEY),
      "api",
    ],
    ["among other tokens", upgrade("keep-alive, Upgrade", "foo, WebSocket"), "400"],
    ["in quotes, which are invalid in a token", upgrade("Upgrade", '"websocket"'), "app"],
    ["in mixed case", upgrade("UPGRADE", "WebSocket", KEY), "api"],
    ["with another protocol", upgrade("Upgrade", "foo, websocket", KEY), "app"],
    ["of another version", upgrade("Upgrade", "websocket/13", KEY), "app"],
  ])("%s", (_, headers, expected) => {
    expect(outcome(decisionFor(plan, "/ws", { headers }))).toBe(expected);
  });

  it.each(["POST", "HEAD", "FOO"])("needs a key whatever the method: %s", (method) => {
    expect(outcome(decisionFor(plan, "/", { method, headers: upgrade("Upgrade", "websocket") }))).toBe("400");
  });
});

describe("an empty Upgrade is not matched", () => {
  it.each<readonly [string, HeaderList]>([
    ["where Connection does not name it", upgrade("keep-alive", "websocket")],
    ["with a body", upgrade("Upgrade", "websocket", KEY, ["Content-Length", "3"])],
    ["with a chunked body", upgrade("Upgrade", "websocket", KEY, ["Transfer-Encoding", "chunked"])],
  ])("%s", (_, headers) => {
    const { seen } = decisionFor(plan, "/ws", { headers });
    expect(seen?.headers.some(([name]) => name === "Upgrade")).toBe(false);
    expect(outcome(decisionFor(plan, "/ws", { headers }))).not.toBe("api");
  });
});

it("HTTP/2 in an Upgrade does not count", () => {
  const matched = (protocol: string) =>
    outcome(decisionFor(plan, "/ws", { headers: upgrade("Upgrade, x", protocol, KEY) }));
  expect([matched("h2c"), matched("h2c, websocket"), matched("websocket,H2")]).toEqual(["app", "api", "api"]);
});

it("a handshake is a GET", () => {
  const headers = upgrade("Upgrade", "websocket", KEY);
  expect(outcome(decisionFor(plan, "/ws", { headers, method: "POST" }))).toBe("app");
});

it("Connection is not matched, and reaches a backend with a handshake only", () => {
  const seen = (path: string) =>
    decisionFor(plan, path, {
      headers: upgrade("close, X-Forwarded-For, Upgrade", "WebSocket", KEY),
    }).seen?.headers.filter(([name]) => name === "Connection" || name === "Upgrade");
  expect([seen("/plain"), seen("/open")]).toEqual([
    [],
    [
      ["Upgrade", "websocket"],
      ["Connection", "upgrade"],
    ],
  ]);
});

it("a handshake to another route is a plain request, and the decision records it", () => {
  const decision = decisionFor(plan, "/ws", { headers: upgrade("Upgrade", "websocket", KEY) });
  expect(decision.because).toBe("forwarded as a plain request: the route has no `websocket: true`");
  expect(decisionFor(plan, "/open", { headers: upgrade("Upgrade", "websocket", KEY) }).because).toBe(
    "forwarded",
  );
});
