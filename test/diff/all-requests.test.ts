// diff of descriptions finds changes that no boundary of a route shows, and HAProxy confirms them; equal rewrites are proven equal.
import { describe, expect, test } from "vitest";
import { diffDescriptions } from "../../src/diff/diff-descriptions.ts";
import { findAllHaproxies } from "../haproxy/all-haproxies.ts";
import { planned, type Routes, site } from "../model/planned.ts";

const haproxies = await findAllHaproxies();

const ROUTES: Routes = [
  { path: "/api", to: "api" },
  { path: "/admin", allow: ["198.51.100.0/24"], to: "app" },
  { path: { regex: "^/x(a|b)$" }, to: "next" },
  { path: "/beta", header: { "x-beta": { regex: "^[12]$" } }, to: "next" },
  { to: "app" },
];

/** The routes with other fields in the one at `index`. */
function edited(index: number, fields: Partial<Routes[number]>) {
  return planned({
    sites: site(ROUTES.map((route, at) => (at === index ? { ...route, ...fields } : route))),
  });
}

const BEFORE = planned({ sites: site(ROUTES) });

describe.each(haproxies)("HAProxy $version", (haproxy) => {
  test.each<[name: string, after: typeof BEFORE, request: RegExp]>([
    ["a network grows", edited(1, { allow: ["198.51.0.0/16"] }), / from 198\.51\./],
    ["a network loses its half", edited(1, { allow: ["198.51.100.0/25"] }), / from 198\.51\.100\./],
    ["an expression gains an alternative", edited(2, { path: { regex: "^/x(a|b|longer)$" } }), /\/xlonger/],
    ["an expression loses its end", edited(2, { path: { regex: "^/x(a|b)" } }), /\/x[ab]/],
    ["a header value is added", edited(3, { header: { "x-beta": { regex: "^[1-3]$" } } }), /\/beta/],
    ["a limit of the body", edited(4, { maxBody: "1KiB" }), /./],
    ["a limit of large bodies and of unknown lengths", edited(4, { maxBody: "1GiB" }), /./],
  ])("changes: %s", async (_, after, request) => {
    const { changed, disagreements, proven } = await diffDescriptions(BEFORE, after, haproxy);
    expect({ disagreements, proven }).toEqual({ disagreements: [], proven: false });
    const requests = changed.map(
      ({ probe }) => `${probe.url}${probe.from === null ? "" : ` from ${probe.from}`}`,
    );
    expect(requests.filter((one) => request.test(one)).length).toBeGreaterThan(0);
  });
});

test.each<[name: string, after: typeof BEFORE]>([
  ["a network as its two halves", edited(1, { allow: ["198.51.100.0/25", "198.51.100.128/25"] })],
  ["an expression written differently", edited(2, { path: { regex: "^/x[ab]$" } })],
  ["a timeout", planned({ sites: site(ROUTES), timeouts: { server: "20s" } })],
])("proven: %s", async (_, after) => {
  const [haproxy] = haproxies;
  if (haproxy === undefined) throw new Error("no HAProxy");
  const { changed, unshown, proven } = await diffDescriptions(BEFORE, after, haproxy);
  expect({ changed, unshown, proven }).toEqual({ changed: [], unshown: [], proven: true });
});

test("raw lines: nothing is proven", async () => {
  const [haproxy] = haproxies;
  if (haproxy === undefined) throw new Error("no HAProxy");
  const raw = { public: { raw: ["http-request deny if METH_POST"] } };
  const after = planned({ sites: site(ROUTES), ...raw });
  expect((await diffDescriptions(BEFORE, after, haproxy)).proven).toBe(false);
  expect((await diffDescriptions(after, after, haproxy)).proven).toBe(false);
});
