// The ends that states of a product reach, against a search from each state.
import fc from "fast-check";
import { expect, test } from "vitest";
import { Product } from "../../../src/space/text/product.ts";
import { Reach } from "../../../src/space/text/reach.ts";
import { readPattern } from "../../../src/space/text/read-pattern.ts";
import { SearchAutomaton } from "../../../src/space/text/search-automaton.ts";
import { Sets } from "../../../src/space/text/sets.ts";
import { sharedPatternSource } from "./patterns.ts";

function statesFrom(product: Product, state: number): ReadonlySet<number> {
  const found = new Set([state]);
  for (const one of found)
    for (const symbol of product.alphabet.members.keys()) found.add(product.next(one, symbol));
  return found;
}

test("the order in which states are visited makes no difference", () => {
  const patterns = fc.array(sharedPatternSource, { minLength: 2, maxLength: 3 });
  let ends = 0;
  const property = fc.property(
    patterns,
    fc.integer({ min: 1, max: 1000 }),
    ([universe = "", ...rest], step) => {
      const [whole, ...searched] = [`^(?:${universe})\\z`, ...rest].map(
        (source) => new SearchAutomaton(readPattern(source, false)),
      );
      if (whole === undefined) throw new RangeError("no universe");
      const languages = searched.map((automaton, id) => ({ id, automaton }));
      const product = new Product(whole, languages, new Sets(), 10_000);
      const reach = new Reach(product);
      const states = [...statesFrom(product, product.start)];
      for (const [index] of states.entries()) {
        const state = states[(index * step) % states.length] ?? 0;
        const right = new Set([...statesFrom(product, state)].map((one) => product.end(one)));
        right.delete(undefined);
        expect(new Set(reach.from(state))).toEqual(right);
        ends += right.size;
      }
    },
  );
  fc.assert(property, { numRuns: 300 });
  expect(ends).toBeGreaterThan(1000);
});
