// No field is forgotten: for every leaf of the schema a change of its value changes a rendered file, or the leaf is listed with its reason.
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import {
  FILES_BY_LEAF,
  filesByLeaf,
  filesByLeafText,
  NOT_RENDERED,
  renderedLeaves,
  schemaLeaves,
} from "./schema-leaves.ts";

test("every field of the schema changes a rendered file", () => {
  const rendered = renderedLeaves();
  const found = filesByLeaf(rendered);
  expect(rendered.filter((leaf) => !found.has(leaf))).toEqual([]);
  // `npm run golden` writes it; a line that loses a file tells of an emitter that no longer writes the field.
  expect(filesByLeafText(found)).toBe(readFileSync(FILES_BY_LEAF, "utf8"));
}, 60_000);

test("every exception is for leaves of the schema", () => {
  const leaves = schemaLeaves();
  expect(NOT_RENDERED.filter(([pattern]) => !leaves.some((leaf) => pattern.test(leaf)))).toEqual([]);
});
