// Header changes of the edge, of a site and of a route: one change has the effect of all, applied one after the other.
import fc from "fast-check";
import { expect, test } from "vitest";
import { applyEdits, type HeaderList } from "../../src/model/headers.ts";
import { joinedEdits } from "../../src/plan/header-edits.ts";
import type { HeaderEdits } from "../../src/plan/site-plan.ts";

const name = fc.constantFrom("x-a", "X-A", "x-b", "X-B", "vary");
const lines = fc.array(fc.record({ name, value: fc.constantFrom("", "1", "2") }), { maxLength: 3 });
const edits: fc.Arbitrary<HeaderEdits> = fc.record({
  remove: fc.array(fc.record({ name }), { maxLength: 2 }),
  set: lines,
  add: lines,
});
const headers: fc.Arbitrary<HeaderList> = fc.array(fc.tuple(name, fc.constantFrom("0", "9")), {
  maxLength: 4,
});

/** Lines of one name have an order; those of different names have none (RFC 9110, 5.3). */
function byName(list: HeaderList): ReadonlyMap<string, readonly string[]> {
  const names = [...new Set(list.map(([one]) => one.toLowerCase()))].sort();
  return new Map(
    names.map((one) => [one, list.flatMap(([other, value]) => (other.toLowerCase() === one ? [value] : []))]),
  );
}

test("a joined change has the effect of the first change and then the second", () => {
  fc.assert(
    fc.property(headers, edits, edits, (sent, first, then) => {
      const message = (change: HeaderEdits) => ({ requestHeaders: change, responseHeaders: change });
      const { requestHeaders, responseHeaders } = joinedEdits(message(first), message(then));
      expect(byName(applyEdits(sent, requestHeaders))).toEqual(
        byName(applyEdits(applyEdits(sent, first), then)),
      );
      expect(responseHeaders).toEqual(requestHeaders);
    }),
    { numRuns: 2000 },
  );
});
