// Sets of conditions: their names are unambiguous for any description.
import fc from "fast-check";
import { expect, test } from "vitest";
import { edge } from "../../../../src/description/schema/edge.ts";
import { type Routing, routingOf } from "../../../../src/emit/haproxy/routing/routing.ts";
import { planEdge } from "../../../../src/plan/plan-edge.ts";

const LOOKS_LIKE_A_SET = [
  "?",
  "(method)",
  "a.test/?",
  "/x/?(method)",
  "%3F(method)",
  "|a.test/x/?",
  "=a.test/x?",
  "#?",
];

const PATHS = ["/", "/x", "/x/%3F(method)", "/y|PUT|", "/=a.test/x", "/x/=", "/0"];

const hostile = fc
  .array(fc.oneof(fc.constantFrom(...LOOKS_LIKE_A_SET, "/", "a", "=", "|"), fc.string({ maxLength: 3 })), {
    minLength: 1,
    maxLength: 4,
  })
  .map((pieces) => pieces.join(""));
/** Mostly valid texts: one invalid text makes the whole description invalid. */
const mostly = (accepted: fc.Arbitrary<string>, other: fc.Arbitrary<string>) =>
  fc.oneof({ weight: 30, arbitrary: accepted }, { weight: 1, arbitrary: other });
const path = mostly(
  fc.constantFrom(...PATHS),
  hostile.map((rest) => `/${rest}`),
);
const value = fc.oneof(fc.constantFrom(...LOOKS_LIKE_A_SET), fc.stringMatching(/^[!-~]{0,4}$/));
const route = fc.record(
  {
    name: mostly(fc.stringMatching(/^[a-z0-9][a-z0-9_.~/*:-]{0,5}$/), hostile),
    path: fc.oneof(
      { weight: 4, arbitrary: path },
      { weight: 4, arbitrary: path.map((exact) => ({ exact })) },
      { weight: 1, arbitrary: fc.constantFrom("^/x?$", "a??|\\?0\\?").map((regex) => ({ regex })) },
    ),
    method: fc.constantFrom("PUT", "POST"),
    header: fc.dictionary(fc.constantFrom("x-a", "x-b"), value, { minKeys: 1, maxKeys: 2 }),
    query: fc.dictionary(fc.constantFrom("q", "v"), value, { minKeys: 1, maxKeys: 2 }),
  },
  { requiredKeys: ["path"] },
);
const description = fc.record({
  host: mostly(fc.constantFrom("a.test", "*.test", "*"), hostile),
  paths: fc.constantFrom("normal" as const, "as-is" as const),
  routes: fc.array(route, { minLength: 2, maxLength: 8 }),
});

test("no text of a description adds a ? to a route's section or id, or to a key other than before its set", () => {
  let rendered = 0;
  fc.assert(
    fc.property(description, (one) => {
      const routing = routed(one);
      if (routing === undefined) return;
      rendered += 1;
      for (const { key, value } of [...routing.paths.exact, ...routing.paths.prefixes]) {
        expect(key).not.toContain("?");
        holdsSet(routing, value);
      }
      for (const { value } of routing.ruled) expect(value).not.toContain("?");
      const sets = setsOf(routing);
      for (const { headers, query, method, entries } of routing.conditions) {
        for (const { key, value } of entries) {
          expect(value).not.toContain("?");
          // The number of values after the set.
          const count = (method ? 1 : 0) + headers.length + query.length;
          expect(sets).toContain(`${key.split("?").slice(0, -count).join("?")}?`);
        }
      }
    }),
    { numRuns: 1500 },
  );
  expect(rendered).toBeGreaterThan(300);
});

test("each match has its own set", () => {
  const routing = routed({
    host: "a.test",
    paths: "as-is",
    routes: [
      { path: "/x", method: "PUT" },
      { path: "/x", header: { "x-a": "1" } },
      { path: { exact: "/x" }, method: "PUT" },
      { path: "/=a.test/x", method: "PUT" },
      { path: "/x/=", method: "PUT" },
    ],
  });
  const sets = setsOf(routing);
  expect(sets).toHaveLength(4);
  expect(new Set(sets).size).toBe(4);
});

/** Undefined where the description is refused. */
function routed({
  host,
  paths,
  routes,
}: {
  readonly host: string;
  readonly paths: "normal" | "as-is";
  readonly routes: readonly object[];
}): Routing | undefined {
  const parsed = edge.safeParse({
    edge: "sets",
    public: { loadBalancer: "none" },
    paths,
    sites: [{ host, routes: routes.map((one) => ({ ...one, to: "app" })) }],
    backends: { app: { servers: ["10.0.0.7:8080"] } },
  });
  if (!parsed.success) return undefined;
  const { value, findings } = planEdge(parsed.data);
  const refused = findings.some(({ severity }) => severity === "error");
  return value === undefined || refused ? undefined : routingOf(value);
}

/** A value's set is one of its words, if it has one, and the tables named after the set exist. */
function holdsSet({ conditions, ranked }: Routing, value: string): void {
  const words = value.split(" ").slice(ranked ? 1 : 0);
  expect(words.slice(0, 2).join("")).not.toContain("?");
  const [, , set, tables, ...more] = words;
  expect(more).toEqual([]);
  if (set === undefined) return;
  expect(set).toMatch(/^[^?]+\?$/);
  expect(tables === undefined).toBe(!ranked);
  const named = (tables ?? "").split(/[()]+/).filter((name) => name !== "");
  for (const name of named) expect(conditions.map((table) => table.name)).toContain(name);
}

function setsOf(routing: Routing | undefined): readonly string[] {
  return [...(routing?.paths.exact ?? []), ...(routing?.paths.prefixes ?? [])].flatMap(({ value }) =>
    value.split(" ").filter((word) => word.endsWith("?")),
  );
}
