// What is left of a condition is made once for the parts that it has in common.
import { expect, test } from "vitest";
import { Budget } from "../../src/space/budget.ts";
import { Chains } from "../../src/space/chain.ts";
import { Diagrams } from "../../src/space/diagram.ts";
import type { ChoiceDimension } from "../../src/space/dimension.ts";
import { type Formula, Formulas, TRUE } from "../../src/space/formula.ts";
import { partition } from "../../src/space/partition.ts";

const METHOD: ChoiceDimension = { kind: "choice", id: "method", values: undefined };
const STATE: ChoiceDimension = { kind: "choice", id: "state", values: undefined };

test("a condition of eighty conditions, each of which has the one before it twice", () => {
  const formulas = new Formulas();
  const is = (on: ChoiceDimension, value: string): Formula =>
    formulas.test({ on, test: { kind: "one-of", values: [value] } });
  let condition = is(METHOD, "GET");
  for (let count = 0; count < 80; count += 1)
    condition = formulas.choose(
      condition,
      is(STATE, `a${count}`),
      formulas.or(condition, is(STATE, `b${count}`)),
    );
  const rules = [condition, TRUE].map((when) => ({
    when,
    outcome: { key: "answer", text: "answer" },
    at: undefined,
    text: "",
  }));
  const parts = partition([{ facets: [{ id: "answer", rules }], unexamined: [] }]);
  const chains = new Chains(formulas, parts.place, new Diagrams<boolean>(new Budget(undefined)));
  const left = [true, false].map((holds) => chains.residual(condition, () => holds));
  expect(left[0]).not.toBe(left[1]);
});
