// Which sites refuse ambiguous paths by default: those where another spelling may match a route with fewer restrictions.
import { describe, expect, it } from "vitest";
import type { Edge } from "../../src/description/define-edge.ts";
import { decisionFor, outcome, planned, type Routes, site } from "../model/planned.ts";

const decidedFor = (routes: Routes, more?: Partial<Edge>) =>
  planned({ sites: site(routes), ...more }).sites[0]?.ambiguousPaths.value;
const OPEN = { to: "app" } as const;

describe("refuses where a route restricts requests", () => {
  it.each<readonly [string, Routes]>([
    ["by allow", [{ path: "/a", allow: ["10.0.0.0/8"], to: "app" }, OPEN]],
    ["by deny", [{ path: "/a", deny: ["10.0.0.0/8"], to: "app" }, OPEN]],
    ["by method", [{ path: "/a", method: "GET", to: "app" }, OPEN]],
    ["by the size of the body", [{ path: "/a", maxBody: "5B", to: "app" }, OPEN]],
    ["by an error response", [{ path: "/a", respond: { status: 404 } }, OPEN]],
    ["on a regular expression", [{ path: { regex: "^/a" }, deny: ["::/0"], to: "app" }, OPEN]],
    [
      "on the wider route",
      [
        { path: "/a", to: "app" },
        { deny: ["10.0.0.0/8"], to: "app" },
      ],
    ],
  ])("%s", (_, routes) => {
    expect(decidedFor(routes)).toBe("refuse");
  });
});

describe("allows where no restriction depends on the path", () => {
  it.each<readonly [string, Routes]>([
    ["without restrictions", [{ path: "/a", to: "api" }, OPEN]],
    ["where all clients are allowed", [{ path: "/a", allow: ["0.0.0.0/0", "::/0"], to: "app" }, OPEN]],
    ["where every route has the path /", [{ deny: ["10.0.0.0/8"], method: "GET", to: "app" }, OPEN]],
    [
      "where routes redirect or respond",
      [{ path: "/a", redirect: { to: "/b" } }, { path: "/c", respond: { status: 200 } }, OPEN],
    ],
  ])("%s", (_, routes) => {
    expect(decidedFor(routes)).toBe("allow");
  });
  it("where one limit applies to all", () => {
    const routes: Routes = [{ path: "/a", to: "api" }, { path: "/b", redirect: { to: "/" } }, OPEN];
    expect(decidedFor(routes, { limits: { maxBody: "1MiB" } })).toBe("allow");
  });
});

it("the description overrides the default", () => {
  const restricted: Routes = [{ path: "/a", deny: ["::/0", "0.0.0.0/0"], to: "app" }, OPEN];
  const plan = planned({
    sites: [
      { host: "a.test", ambiguousPaths: "allow", routes: restricted },
      { host: "b.test", ambiguousPaths: "refuse", routes: [OPEN] },
    ],
  });
  const at = (host: string) => decisionFor(plan, "/x/..;/a", { headers: [["Host", host]] });
  expect([outcome(at("a.test")), outcome(at("b.test"))]).toEqual(["app", "400"]);
});

it("`because` names the spelling, and how which servers interpret it", () => {
  const plan = planned({ sites: site([{ path: "/a", deny: ["::/0"], to: "app" }, OPEN]) });
  expect(["/a%2fx", "/x/..;/a", "/%252fa"].map((target) => decisionFor(plan, target).because)).toEqual([
    "the site restricts paths, and the path has %2F, which many servers decode to /",
    "the site restricts paths, and the path has ;, which Tomcat, Jetty and Spring remove with the rest of the segment",
    "the site restricts paths, and the path has %252f, which a server that decodes twice reads as another character",
  ]);
});

it.each<Routes>([
  [{ path: "/a", method: "CONNECT", to: "app" }],
  [{ path: { regex: "^a" }, method: ["GET", "CONNECT"], to: "app" }],
  [{ method: "CONNECT", rewrite: { path: "/x" }, to: "app" }],
])("a CONNECT route has no path", (route) => {
  expect(() => planned({ sites: site([route]) })).toThrow("invalid-path: a CONNECT request has no path to");
});
