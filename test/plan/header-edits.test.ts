// Header changes of the edge, of a site and of a route: one change has the effect of all, applied one after the other.
import { readFileSync } from "node:fs";
import fc from "fast-check";
import { expect, test } from "vitest";
import { HEADER_PRESETS } from "../../src/description/header-presets.ts";
import { applyEdits as applySent, type HeaderList, sentEdits } from "../../src/model/headers.ts";
import { joinedEdits, NO_EDITS } from "../../src/plan/header-edits.ts";
import type { HeaderEdits } from "../../src/plan/site-plan.ts";

const name = fc.constantFrom("x-a", "X-A", "x-b", "X-B", "vary");
const lines = fc.array(fc.record({ name, value: fc.constantFrom("", "1", "2") }), { maxLength: 3 });
const edits: fc.Arbitrary<HeaderEdits> = fc.record({
  remove: fc.array(fc.record({ name }), { maxLength: 2 }),
  set: lines,
  add: lines,
  setIfAbsent: lines,
});
const headers: fc.Arbitrary<HeaderList> = fc.array(fc.tuple(name, fc.constantFrom("0", "9")), {
  maxLength: 4,
});

const applyEdits = (sent: HeaderList, change: HeaderEdits) =>
  applySent(
    sent,
    sentEdits(change, () => ""),
  );

/** Lines of one name have an order; those of different names have none (RFC 9110, 5.3). */
function byName(list: HeaderList): ReadonlyMap<string, readonly string[]> {
  const names = [...new Set(list.map(([one]) => one.toLowerCase()))].sort();
  return new Map(
    names.map((one) => [one, list.flatMap(([other, value]) => (other.toLowerCase() === one ? [value] : []))]),
  );
}

/** What remains of `first` does not apply to headers that `then` removes or sets, and a default of `then` comes before one of `first`. */
function oneAfterTheOther(sent: HeaderList, first: HeaderEdits, then: HeaderEdits): HeaderList {
  const changes = [first, then].map((change) => ({ ...change, setIfAbsent: [] }));
  const changed = changes.reduce(applyEdits, sent);
  const replaced = [...then.remove, ...then.set].map((line) => line.name.toLowerCase());
  const left = first.setIfAbsent.filter((line) => !replaced.includes(line.name.toLowerCase()));
  return applyEdits(changed, { ...NO_EDITS, setIfAbsent: [...then.setIfAbsent, ...left] });
}

test("a joined change has the effect of the first change and then the second", () => {
  fc.assert(
    fc.property(headers, edits, edits, edits, (sent, first, then, own) => {
      const message = (change: HeaderEdits) => ({ requestHeaders: change, responseHeaders: change });
      const joined = joinedEdits(message(first), { ...message(then), ownResponseHeaders: own });
      const expected = byName(oneAfterTheOther(sent, first, then));
      expect(byName(applyEdits(sent, joined.requestHeaders))).toEqual(expected);
      expect(joined.responseHeaders).toEqual(joined.requestHeaders);
      expect(byName(applyEdits(sent, joined.ownResponseHeaders ?? NO_EDITS))).toEqual(
        byName(oneAfterTheOther(sent, first, own)),
      );
    }),
    { numRuns: 2000 },
  );
});

const SITE = { name: "x-c", value: "site" };
const preset = (name: string): HeaderEdits => ({
  ...NO_EDITS,
  setIfAbsent: [{ name: `x-${name}`, value: "1", preset: name }],
  preset: name,
});

test.each([
  ["another preset", preset("b"), ["x-c", "x-b"]],
  ["no preset", { ...NO_EDITS, preset: "none" }, ["x-c"]],
  ["a header of the preset that is set", { ...NO_EDITS, set: [{ name: "X-A", value: "2" }] }, ["X-A", "x-c"]],
  ["a header of the preset that is removed", { ...NO_EDITS, remove: [{ name: "X-A" }] }, ["x-c"]],
  ["another default", { ...NO_EDITS, setIfAbsent: [{ name: "X-A", value: "2" }] }, ["x-c", "X-A"]],
])("a preset of an outer level is overridden by %s", (_, route, expected) => {
  const message = (responseHeaders: HeaderEdits) => ({ requestHeaders: NO_EDITS, responseHeaders });
  const edge = preset("a");
  const outer = joinedEdits(message(edge), message({ ...NO_EDITS, setIfAbsent: [SITE] }));
  const { responseHeaders } = joinedEdits(outer, message(route));
  expect(applyEdits([], responseHeaders).map(([name]) => name)).toEqual(expected);
});

test("the documentation lists the headers of every preset with their values", () => {
  const rows = readFileSync(new URL("../../docs/concepts/routing.md", import.meta.url), "utf8").split("\n");
  const heads = rows.findIndex((row) => row.startsWith("| header |"));
  const names = (rows[heads] ?? "")
    .split("|")
    .slice(2, -1)
    .map((cell) => cell.trim().replaceAll("`", ""));
  expect(names).toEqual(Object.keys(HEADER_PRESETS));
  const listed = names.map((_, column) =>
    rows.slice(heads + 2, rows.indexOf("", heads)).flatMap((row) => {
      const [name = "", ...values] = row
        .split("|")
        .slice(1, -1)
        .map((cell) => cell.trim().replaceAll("`", ""));
      return values[column] === "–" || name === "Permissions-Policy" ? [] : [[name, values[column]]];
    }),
  );
  expect(listed).toEqual(
    Object.values(HEADER_PRESETS).map((preset) =>
      Object.entries(preset).filter(([name]) => name !== "Permissions-Policy"),
    ),
  );
});
