// Whatever the accepted texts of a description, the objects keep their structure, for YAML 1.1 and 1.2 parsers.
import fc from "fast-check";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { formsOf, type TextField, textFields, withTexts } from "../../hostile/fields.ts";
import { type Rendered, render } from "../../hostile/rendered.ts";
import { hostileText, PIECES, shown } from "../../hostile/texts.ts";
import { kubernetesFiles } from "./objects.ts";

/** Fields whose texts appear in objects, and the body of a page, which may be any text. */
const IN_OBJECTS =
  /^(edge|namespace|image\.|dns\.|kubernetes\.|logs\.to|internal\.hosts|public\.tls\.certificates\[\]\.secret|backends\.\{\}\.service|backends\.\{\}\.servers|errorPages\.\{\}$)/;

const fields = textFields();
const close = fields.filter(({ name }) => IN_OBJECTS.test(name));

test("the fields are those of the schema", () => {
  expect(close.length).toBeGreaterThan(15);
});

test.each(close)("$name", (field) => {
  let accepted = 0;
  for (const piece of PIECES) for (const text of formsOf(field, piece)) accepted += hold(field, text);
  if (field.name === "errorPages.{}") expect(accepted).toBeGreaterThan(PIECES.length / 2);
});

test("any field with any text", () => {
  fc.assert(
    fc.property(fc.constantFrom(...fields), hostileText, (field, piece) => {
      for (const text of formsOf(field, piece)) hold(field, text);
    }),
    { numRuns: 300 },
  );
});

/** How many descriptions were accepted: 0 or 1. */
function hold(field: TextField, text: string): number {
  const outcome = render(withTexts(field.edge, new Map([[field.name, text]])));
  if ("refused" in outcome) return 0;
  const where = `${field.name}: ${shown(text)}`;
  expect(shapes(outcome), where).toEqual(harmlessShapes(field.edge));
  expect(configOf(outcome), where).toEqual(
    new Map(
      outcome.files
        .filter(({ path }) => path.startsWith("haproxy/"))
        .map(({ path, content }) => [path.slice("haproxy/".length), content]),
    ),
  );
  return 1;
}

const known = new Map<TextField["edge"], readonly string[]>();

function harmlessShapes(edge: TextField["edge"]): readonly string[] {
  const found = known.get(edge);
  if (found !== undefined) return found;
  const outcome = render(withTexts(edge, new Map()));
  if ("refused" in outcome) throw new Error(JSON.stringify(outcome.refused));
  const own = shapes(outcome);
  known.set(edge, own);
  return own;
}

/** Where values are, in every object; the number of list items and files depends on the description. */
function shapes(rendered: Rendered): readonly string[] {
  const found = new Set<string>();
  for (const { path, content } of kubernetesFiles(rendered)) {
    const value: unknown = parse(content);
    expect(parse(content, { version: "1.1", schema: "yaml-1.1" }), path).toEqual(value);
    collect(value, path, found);
  }
  return [...found].sort();
}

function collect(value: unknown, place: string, found: Set<string>): void {
  if (Array.isArray(value)) for (const item of value) collect(item, `${place}[]`, found);
  else if (typeof value === "object" && value !== null)
    for (const [key, one] of Object.entries(value))
      collect(
        one,
        /\/configmap\S*\.(data|binaryData)$/.test(place) ? `${place}.{}` : `${place}.${key}`,
        found,
      );
  else found.add(`${place.replace(".binaryData.", ".data.")}: ${typeof value}`);
}

function configOf(rendered: Rendered): ReadonlyMap<string, string> {
  const maps = kubernetesFiles(rendered).filter(({ path }) => path.startsWith("kubernetes/configmap"));
  return new Map(
    maps.flatMap(({ content }) => {
      const { data = {}, binaryData = {} } = parse(content);
      return [
        ...Object.entries<string>(data),
        ...Object.entries<string>(binaryData).map(
          ([key, text]) => [key, Buffer.from(text, "base64").toString()] as const,
        ),
      ];
    }),
  );
}
