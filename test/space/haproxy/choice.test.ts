// The key of a choice whose cases share their values, as variables do that rules replace one after the other.
import { expect, test } from "vitest";
import { Formulas } from "../../../src/space/formula.ts";
import { type Choice, either, keyOfChoice, one } from "../../../src/space/haproxy/choice.ts";
import { HOST } from "../../../src/space/haproxy/request-dimensions.ts";

function replacedOften(formulas: Formulas, last: string): Choice<string> {
  let value: Choice<string> = one(last);
  for (let rule = 0; rule < 60; rule += 1) {
    const when = formulas.test({ on: HOST, test: { kind: "exact", value: `h${rule}`, ignoreCase: false } });
    const otherwise = formulas.test({ on: HOST, test: { kind: "prefix", value: "p", ignoreCase: false } });
    value = either(when, value, either(otherwise, one(`v${rule}`), value));
  }
  return value;
}

test("the key is short, and equal only for equal choices", () => {
  const formulas = new Formulas();
  const keyOf = (last: string) => keyOfChoice(formulas, replacedOften(formulas, last), (value) => value);
  expect(keyOf("a").length).toBeLessThan(100);
  expect(keyOf("a")).toBe(keyOf("a"));
  expect(keyOf("a")).not.toBe(keyOf("b"));
});
