// Files generated from the schema are up to date, and every field has a description.
import { readFileSync } from "node:fs";
import { expect, expectTypeOf, test } from "vitest";
import type { z } from "zod";
import { edgeTypes } from "../../scripts/schema/edge-types.ts";
import { descriptionJsonSchema, type JsonSchema } from "../../scripts/schema/json-schema.ts";
import { referencePage } from "../../scripts/schema/reference.ts";
import type { Edge } from "../../src/description/define-edge.ts";
import type { edge } from "../../src/description/schema/edge.ts";

const schema = descriptionJsonSchema();
const file = (name: string) => readFileSync(new URL(`../../${name}`, import.meta.url), "utf8");

test("schema.json is up to date (npm run schema writes it)", () => {
  expect(file("schema.json")).toBe(`${JSON.stringify(schema, null, 2)}\n`);
});

test("docs/reference/description.md is up to date (npm run schema writes it)", () => {
  expect(file("docs/reference/description.md")).toBe(referencePage(schema));
});

/** Every property of every map, with its path. */
function properties(node: JsonSchema, path: string): (readonly [string, JsonSchema])[] {
  const own = Object.entries(node.properties ?? {})
    .filter(([, value]) => typeof value === "object")
    .map(([key, value]) => [`${path}.${key}`, value] as const);
  const maps =
    typeof node.additionalProperties === "object"
      ? [[`${path}.NAME`, node.additionalProperties] as const]
      : [];
  const options = (node.anyOf ?? []).map((option) => [path, option] as const);
  const items = node.items === undefined ? [] : [[`${path}[]`, node.items] as const];
  return [
    ...own,
    ...[...own, ...maps, ...options, ...items].flatMap(([below, value]) => properties(value, below)),
  ];
}

test("every field has a description that ends like a sentence", () => {
  const all = properties(schema, "edge");
  expect(all.length).toBeGreaterThan(100);
  const without = all.filter(([, { description }]) => !/[.?]$/.test(description ?? "")).map(([path]) => path);
  expect(without).toEqual([]);
});

test("it contains no reference that an editor would have to resolve, and names its draft", () => {
  expect(file("schema.json")).not.toContain('"$ref"');
  expect(schema.$schema).toBe("https://json-schema.org/draft/2020-12/schema");
});

test("edge.d.ts is up to date (npm run schema writes it)", () => {
  expect(file("edge.d.ts")).toBe(edgeTypes(schema));
});

test("the type in edge.d.ts is the type that the schema reads", () => {
  expectTypeOf<Edge>().toEqualTypeOf<z.input<typeof edge>>();
});

test("it knows the keys of a description and refuses others", () => {
  expect(schema.additionalProperties).toBe(false);
  expect(schema.required).toEqual(["edge", "sites"]);
});
