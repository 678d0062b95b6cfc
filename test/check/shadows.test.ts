// Shadowed routes against the model: a route reported as unreachable never gets a request, and no simple case is missed.
import fc from "fast-check";
import { expect, test } from "vitest";
import { coversConditions } from "../../src/check/coverage.ts";
import { shadowsOf } from "../../src/check/shadows.ts";
import { matchRoute } from "../../src/model/match-route.ts";
import { chosen as decided } from "../../src/plan/described.ts";
import { byPrecedence } from "../../src/plan/precedence.ts";
import type { PathMatch, RouteMatch, RoutePlan, SitePlan, ValueMatch } from "../../src/plan/site-plan.ts";

const PLAN = { listeners: [{ entrance: "public", trustedHeaders: [] }], paths: "as-is" } as const;

function shadowsIn(site: SitePlan) {
  const { shadows, isIncomplete } = shadowsOf({ ...PLAN, sites: [site] });
  expect(isIncomplete).toBe(false);
  return shadows;
}

const paths = fc.oneof(
  fc.record({
    kind: fc.constantFrom("prefix" as const, "exact" as const),
    value: fc.constantFrom("/", "/a", "/a/b", "/ab"),
  }),
  fc.record({
    kind: fc.constant("regex" as const),
    value: fc.constantFrom(".*", "^/", "/", "^/a", "^/a/", "^/a/.*$", "^/a$", "b$", "^/a\\.b", "a"),
  }),
);
const value = (name: string) =>
  fc.oneof(
    fc.constantFrom("x", "y", "").map((text): ValueMatch => ({ name, kind: "exact", value: text })),
    fc.constant<ValueMatch>({ name, kind: "present", value: "" }),
    fc
      .constantFrom("^x", "y", "")
      .map((text): ValueMatch => ({ name, kind: "regex", value: text === "" ? "^" : text })),
  );
const values = (names: readonly string[]) =>
  fc
    .tuple(...names.map((name) => fc.option(value(name), { freq: 2 })))
    .map((found) => found.filter((one) => one !== null));
const matches: fc.Arbitrary<RouteMatch> = fc.record({
  path: paths as fc.Arbitrary<PathMatch>,
  methods: fc.subarray(["GET", "POST", "PUT"]),
  headers: values(["h", "i"]),
  query: values(["q"]),
});

/** Every request that the conditions above can tell apart. */
const requests = ["GET", "POST", "PUT", "OPTIONS"].flatMap((method) =>
  ["/", "/a", "/a/", "/a/b", "/a.b", "/ab", "/c/b", ...(method === "OPTIONS" ? ["*"] : [])].flatMap((path) =>
    [undefined, "x", "xy", "y", ""].flatMap((h) =>
      [undefined, "x", "z"].flatMap((i) =>
        [null, "q", "q=x", "q=y", "q="].map((query) => ({ method, path, query, h, i })),
      ),
    ),
  ),
);

function siteOf(found: readonly RouteMatch[]): SitePlan {
  const none = { remove: [], set: [], add: [], setIfAbsent: [] };
  const routes = found.map(
    (match, index): RoutePlan => ({
      id: `r${index}`,
      match,
      allow: [],
      deny: [],
      maxBody: null,
      action: { kind: "respond", status: 200, contentType: "text/plain", body: "" },
      rewrite: { host: null, path: null },
      requestHeaders: none,
      responseHeaders: none,
      webSocket: false,
      plainHttp: "redirect",
      timeouts: { serverMs: null, tunnelMs: null },
      at: undefined,
    }),
  );
  return {
    name: "a",
    hosts: [],
    hsts: null,
    skipsHttpsRedirect: false,
    ambiguousPaths: decided("allow", "described"),
    routes: byPrecedence(routes),
    at: undefined,
  };
}

function chosenIds(site: SitePlan): ReadonlySet<string> {
  const chosen = new Set<string>();
  for (const { method, path, query, h, i } of requests) {
    const headers = [
      ...(h === undefined ? [] : [["h", h] as const]),
      ...(i === undefined ? [] : [["i", i] as const]),
    ];
    const request = { listener: "http", method, target: path, headers, client: "203.0.113.7" };
    const verdict = matchRoute(site, request, { origin: "", path, query }).find((one) => one.chosen);
    if (verdict !== undefined) chosen.add(verdict.route.id);
  }
  return chosen;
}

test("a route that is reported as shadowed is never chosen", () => {
  fc.assert(
    fc.property(fc.array(matches, { minLength: 2, maxLength: 6 }), (found) => {
      const site = siteOf(found);
      const chosen = chosenIds(site);
      expect(shadowsIn(site).filter(({ route }) => chosen.has(route.id))).toEqual([]);
    }),
    { numRuns: 150 },
  );
});

test("a route whose path and conditions are covered by an earlier one is reported as shadowed", () => {
  fc.assert(
    fc.property(fc.array(matches, { minLength: 2, maxLength: 6 }), (found) => {
      const site = siteOf(found);
      const expected = site.routes.filter((route, index) =>
        site.routes
          .slice(0, index)
          .some(
            ({ match }) =>
              match.path.kind === route.match.path.kind &&
              match.path.value === route.match.path.value &&
              coversConditions(match, route.match),
          ),
      );
      const named = new Set(shadowsIn(site).map(({ route }) => route.id));
      expect(expected.filter(({ id }) => !named.has(id)).map(({ match }) => match)).toEqual([]);
    }),
    { numRuns: 400 },
  );
});
