// Why a route comes after another one: the reason in explain agrees with docs/concepts/routing.md.
import { describe, expect, test } from "vitest";
import { whyLater } from "../../src/plan/precedence.ts";
import { planned, type Routes, site } from "../model/planned.ts";

type Match = Omit<Routes[number], "to">;

const regex = (text: string): Match => ({ path: { regex: text } });

/** The reason for the second of two routes in order of precedence, whatever their order in the description. */
function reasonOf(...matches: readonly [Match, Match]): string {
  const plan = planned({ sites: site(matches.map((match) => ({ ...match, to: "app" }))) });
  const [first, second] = plan.sites[0]?.routes ?? [];
  if (first === undefined || second === undefined) throw new Error("two routes expected");
  return whyLater(first, second);
}

describe.each([
  ["an exact path comes first", { path: { exact: "/a" } }, { path: "/a", header: { h: "1" } }],
  ["an exact path comes first", { path: { exact: "/a" } }, { ...regex("^/a"), method: "GET" }],
  ["a regular expression comes before a prefix", regex("^/"), { path: "/a/b", header: { h: "1" } }],
  ["shorter", { path: "/a/b" }, { path: "/a", method: "GET", header: { h: "1" } }],
  ["no method", { path: "/a", method: "GET" }, { path: "/a", header: { h: "1" }, query: { q: "1" } }],
  ["no method", { ...regex("^/a"), method: "GET" }, { ...regex("^/a"), header: { h: "1" } }],
  ["fewer headers", { header: { h: "1", i: "1" } }, { header: { h: "1" }, query: { q: "1", r: "1" } }],
  ["fewer headers", { method: "GET", header: { h: "1" } }, { method: ["GET", "PUT"], query: { q: "1" } }],
  ["fewer headers", { ...regex("^/a"), header: { h: "1" } }, regex("^/a")],
  ["fewer query parameters", { query: { q: "1", r: "1" } }, { query: { q: "1" } }],
  ["fewer query parameters", { header: { h: "1" }, query: { q: "1" } }, { header: { i: "1" } }],
] satisfies readonly (readonly [string, Match, Match])[])("%s: %j before %j", (reason, first, second) => {
  test("in this order", () => {
    expect(reasonOf(first, second)).toBe(reason);
  });
  test("and in the other", () => {
    expect(reasonOf(second, first)).toBe(reason);
  });
});

test.each<readonly [string, Match, Match]>([
  ["a later regular expression", regex("^/a"), { ...regex("^"), header: { h: "1" } }],
  ["a later regular expression", regex("^/a"), { ...regex("^"), method: "GET", query: { q: "1" } }],
  ["later in the description", { header: { h: "1" } }, { header: { i: "1" } }],
  ["later in the description", { method: "GET" }, { method: ["GET", "PUT"] }],
])("%s: %j before %j, by their order alone", (reason, first, second) => {
  expect(reasonOf(first, second)).toBe(reason);
  expect(reasonOf(second, first)).toBe(reason);
});
