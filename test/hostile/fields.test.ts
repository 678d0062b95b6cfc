// Every text field of the schema is tested with hostile texts.
import { expect, test } from "vitest";
import { schemaTexts, textFields } from "./fields.ts";

test("every text field of the schema is tried", () => {
  const tried = textFields().map(({ name }) => name);
  expect(tried.sort()).toEqual([...schemaTexts()].sort());
});
