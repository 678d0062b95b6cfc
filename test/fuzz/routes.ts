// Random routes: matches that overlap, actions of every kind, and all other settings of a route.
import fc from "fast-check";
import type { Edge } from "../../src/description/define-edge.ts";
import { rarely } from "./chance.ts";
import { conditions, headerEdits, responseHeaderEdits } from "./conditions.ts";
import { networks } from "./entrances.ts";
import { pathPattern } from "./regexes.ts";
import { bodyText, describedPath, matchedHeaderName, queryName } from "./texts.ts";

type Paths = "normal" | "as-is";
type Site = Edge["sites"][number];
type Route = NonNullable<Site["routes"]>[number];
type Redirect = NonNullable<Site["redirect"]>;

const METHODS = [
  "GET",
  "HEAD",
  "POST",
  "PUT",
  "DELETE",
  "OPTIONS",
  "PATCH",
  "PURGE",
  "FOO",
  "TRACE",
] as const;

export const redirect = (paths: Paths, prefixToo: boolean): fc.Arbitrary<Redirect> =>
  fc
    .record({
      whole: rarely(
        fc.constantFrom(
          "https://www.example.com/",
          "/there",
          "/a?b=%20c",
          "https://www.example.com/é/%[path]?x=${HOME}&y='\"",
          "//a.test/",
        ),
        3,
      ),
      scheme: rarely(fc.constantFrom("http", "https"), 3),
      host: rarely(fc.constantFrom("www.example.com", "A.test", "bücher.test"), 3),
      port: rarely(fc.constantFrom(80, 443, 8443), 4),
      rewrite: fc.oneof(
        fc.constant({}),
        fc.record({ path: describedPath(paths) }),
        ...(prefixToo ? [fc.record({ prefix: describedPath(paths) })] : []),
      ),
      status: rarely(fc.constantFrom(301, 302, 303, 307, 308), 2),
    } as const)
    .map(({ whole, scheme, host, port, rewrite, status }) => {
      if (whole !== undefined) return { to: whole, status };
      const named = scheme !== undefined || host !== undefined;
      const parts = { scheme, host, ...(named ? { port } : {}), ...rewrite, status };
      return named || Object.keys(rewrite).length > 0 ? parts : { ...parts, scheme: "https" };
    }) as fc.Arbitrary<Redirect>;

const pathMatch = (paths: Paths) =>
  fc.oneof(
    { weight: 2, arbitrary: fc.constant(undefined) },
    { weight: 6, arbitrary: describedPath(paths) },
    { weight: 1, arbitrary: describedPath(paths).map((prefix) => ({ prefix })) },
    { weight: 3, arbitrary: describedPath(paths).map((exact) => ({ exact })) },
    { weight: 1, arbitrary: pathPattern.map(({ source }) => ({ regex: source })) },
  );

const rewrite = (paths: Paths, prefixToo: boolean) =>
  fc
    .record({
      host: rarely(fc.constantFrom("app.internal", "App.Internal.", "10.0.0.9"), 2),
      inner: fc.oneof(
        fc.constant({}),
        fc.record({ path: describedPath(paths) }),
        ...(prefixToo ? [fc.record({ prefix: describedPath(paths) })] : []),
      ),
    })
    .map(({ host, inner }) => ({ host, ...inner }));

export function route(paths: Paths, backends: readonly string[]): fc.Arbitrary<Route> {
  return pathMatch(paths).chain((path) => {
    const prefixToo = typeof path !== "object" || !("regex" in path);
    return fc
      .record({
        name: rarely(fc.constantFrom("r1", "r2", "a.test/a", "r:*/~x", "a.test/"), 8),
        path: fc.constant(path),
        method: rarely(
          fc.oneof(
            { weight: 8, arbitrary: fc.constantFrom(...METHODS) },
            { weight: 8, arbitrary: fc.subarray([...METHODS], { minLength: 1, maxLength: 3 }) },
            {
              weight: 1,
              arbitrary: fc.constant(["GET", ...Array.from({ length: 30 }, (_, index) => `M${index}`)]),
            },
          ),
          4,
        ),
        header: conditions(matchedHeaderName),
        query: conditions(queryName),
        action: action(paths, backends, prefixToo),
        rewrite: rarely(rewrite(paths, prefixToo), 4),
        requestHeaders: rarely(headerEdits, 4),
        responseHeaders: rarely(responseHeaderEdits, 4),
        timeouts: rarely(fc.constantFrom({ server: "20s" }, { tunnel: "2m" }), 8),
        retries: rarely(fc.constantFrom(0, 1, 3), 8),
        websocket: rarely(fc.constant(true), 12),
        plainHttp: rarely(fc.constantFrom("serve" as const, "redirect" as const), 6),
        allow: rarely(networks, 8),
        deny: rarely(networks, 8),
        maxBody: rarely(
          fc.constantFrom("0B", "5B", "100B", "4GiB", { size: "5B", unknownLength: "allow" as const }),
          8,
        ),
      })
      .map(({ action: one, ...rest }) => ({ ...rest, ...one }) as Route);
  });
}

/** The action for a request: forwarded, by weight or not, redirected, or answered. */
function action(paths: Paths, backends: readonly string[], prefixToo: boolean) {
  return fc.oneof(
    { weight: 8, arbitrary: fc.constantFrom(...backends).map((to) => ({ to })) },
    ...(backends.length < 2
      ? []
      : [
          {
            weight: 2,
            arbitrary: fc
              .tuple(
                ...backends.map((name) =>
                  fc.integer({ min: 0, max: 4 }).map((weight) => [name, weight] as const),
                ),
              )
              .map((shares) => ({
                to: Object.fromEntries(
                  shares.every(([, weight]) => weight === 0) ? shares.map(([name]) => [name, 1]) : shares,
                ),
              })),
          },
        ]),
    { weight: 3, arbitrary: redirect(paths, prefixToo).map((one) => ({ redirect: one })) },
    {
      weight: 2,
      arbitrary: fc
        .record({
          status: fc.constantFrom(200, 204, 304, 404, 410, 418, 451, 503, 599),
          body: rarely(bodyText, 2),
          contentType: rarely(fc.constantFrom("text/html", 'application/json; x="a b"', "é"), 3),
        })
        .map(({ status, body, contentType }) => ({
          respond: status === 204 || status === 304 ? { status } : { status, body, contentType },
        })),
    },
  );
}
