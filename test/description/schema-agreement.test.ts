// schema.json accepts every description that Portico accepts, and refuses at the same places what a schema can check.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Ajv2020 } from "ajv/dist/2020.js";
import fc from "fast-check";
import { expect, test } from "vitest";
import type { JsonSchema } from "../../scripts/schema/json-schema.ts";
import { description } from "../fuzz/descriptions.ts";
import { DESCRIPTION, goldenCase } from "../golden-files.ts";
import { accepts, disagreements, schemaFile } from "./schema-agreement.ts";

const root = join(import.meta.dirname, "..", "golden");
const examples = join(import.meta.dirname, "..", "..", "examples");

test.each(readdirSync(root))("golden case %s", async (name) => {
  const { plan, findings } = await goldenCase(join(root, name));
  const refusals = plan === null ? findings : [];
  expect(disagreements(readFileSync(join(root, name, DESCRIPTION), "utf8"), refusals)).toEqual([]);
});

test.each(
  readdirSync(examples, { recursive: true, encoding: "utf8" }).filter((file) => /portico\.yaml$/.test(file)),
)("example %s", (file) => {
  expect(disagreements(readFileSync(join(examples, file), "utf8"), [])).toEqual([]);
});

const WHOLE = {
  edge: "app",
  sites: [{ host: "a.example", routes: [{ to: "app" }] }],
  backends: { app: { service: "app", port: 80 } },
};
const withRoute = (route: object) => ({ ...WHOLE, sites: [{ host: "a.example", routes: [route] }] });

test.each([
  ["to with redirect", withRoute({ to: "app", redirect: { to: "/x" } })],
  ["a route without action", withRoute({ path: "/a" })],
  ["a path without /", withRoute({ path: "api", to: "app" })],
  ["a redirect to a path without /", withRoute({ redirect: { path: "api" } })],
  ["a bad CIDR", withRoute({ to: "app", allow: ["10.0.0.0/33"] })],
  ["an octet above 255", withRoute({ to: "app", deny: ["10.0.0.256"] })],
  ["a bad CIDR of IPv6", withRoute({ to: "app", deny: ["2001:db8::/129"] })],
  ["a Service without port", { ...WHOLE, backends: { app: { service: "app" } } }],
  ["a host with a port", { ...WHOLE, sites: [{ host: "a.example:80", redirect: { to: "/" } }] }],
  ["an expectation without URL", { ...WHOLE, expect: [{ status: 200 }] }],
  ["an expectation without an expected result", { ...WHOLE, expect: [{ get: "http://a.example/" }] }],
])("%s is the only value of the description that is refused", (_, edge) => {
  expect(accepts(WHOLE)).toBe(true);
  expect(accepts(edge)).toBe(false);
});

test("random descriptions", () => {
  fc.assert(
    fc.property(description, (edge) => {
      accepts(JSON.parse(JSON.stringify(edge)));
      expect(accepts.errors ?? []).toEqual([]);
    }),
    { numRuns: 300 },
  );
});

test("defaults and examples are valid where they are", () => {
  const values = samples(JSON.parse(readFileSync(schemaFile, "utf8")) as JsonSchema);
  expect(values.length).toBeGreaterThan(100);
  const ajv = new Ajv2020({ strict: true });
  const bySchema = Map.groupBy(values, ({ schema }) => JSON.stringify(schema));
  const invalid = [...bySchema].flatMap(([text, of]) => {
    const validate = ajv.compile(JSON.parse(text));
    return of.filter(({ value }) => !validate(value));
  });
  expect(invalid).toEqual([]);
});

/** Every default and example, with the schema that it belongs to. */
function samples(schema: JsonSchema): { readonly schema: JsonSchema; readonly value: unknown }[] {
  const below = [
    ...Object.values(schema.properties ?? {}),
    ...(schema.anyOf ?? []),
    ...[schema.items, schema.additionalProperties].filter((one) => typeof one === "object"),
  ];
  const own = [schema.default, ...((schema.examples as readonly unknown[] | undefined) ?? [])];
  return [
    ...own.filter((value) => value !== undefined).map((value) => ({ schema, value })),
    ...below.flatMap(samples),
  ];
}
