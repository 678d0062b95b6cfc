// Random conditions on headers and parameters, and random edits of headers.
import fc from "fast-check";
import type { Edge } from "../../src/description/define-edge.ts";
import { rarely } from "./chance.ts";
import { valuePattern } from "./regexes.ts";
import { editedHeaderName, editedHeaderText, headerValueText } from "./texts.ts";

type Route = NonNullable<Edge["sites"][number]["routes"]>[number];
type Conditions = NonNullable<Route["header"]>;

const condition = fc.oneof(
  { weight: 5, arbitrary: headerValueText },
  { weight: 3, arbitrary: fc.constantFrom("1", "beta", "a b", "a", "") },
  { weight: 1, arbitrary: headerValueText.map((exact) => ({ exact })) },
  { weight: 2, arbitrary: fc.constant({ present: true as const }) },
  { weight: 1, arbitrary: valuePattern.map(({ source }) => ({ regex: source })) },
);

/** The value of a handshake, so that such routes match some requests. */
const forName = (name: string) =>
  name === "upgrade" ? fc.oneof(fc.constant("websocket"), condition) : condition;

export function conditions(name: fc.Arbitrary<string>): fc.Arbitrary<Conditions | undefined> {
  const several = (names: fc.Arbitrary<string>, minLength: number, maxLength: number) =>
    fc
      .uniqueArray(
        names.chain((one) => fc.tuple(fc.constant(one), forName(one))),
        { minLength, maxLength, selector: ([key]) => key },
      )
      .map((entries) => Object.fromEntries(entries) as Conditions);
  const numbered = fc.nat(20).map((number) => `x-h${number}`);
  const some = fc.oneof(
    { weight: 20, arbitrary: several(name, 1, 2) },
    // More than fit into one line of HAProxy's configuration.
    { weight: 1, arbitrary: several(numbered, 12, 15) },
  );
  return rarely(some, 4);
}

const lines = fc.dictionary(editedHeaderName, editedHeaderText, { minKeys: 1, maxKeys: 2 });

const edits = {
  set: rarely(lines, 2),
  add: rarely(lines, 2),
  setIfAbsent: rarely(lines, 2),
  remove: rarely(fc.array(editedHeaderName, { maxLength: 2 }), 2),
};

export const headerEdits = fc.record(edits);

export const responseHeaderEdits = fc.record({
  ...edits,
  preset: rarely(fc.constantFrom("owasp-2024-07" as const, "basic-2026-11" as const, "none" as const), 4),
  responsesFrom: rarely(fc.constantFrom("all" as const, "servers" as const), 2),
});
