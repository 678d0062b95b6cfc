// Any content of a text field is refused with a finding, or changes only the field's own value in the output.
import fc from "fast-check";
import { expect, test } from "vitest";
import { formsOf, type TextField, textFields, withTexts } from "./fields.ts";
import {
  type Carriers,
  carriersOf,
  differences,
  type Rendered,
  render,
  type Shape,
  shapeOf,
} from "./rendered.ts";
import { hostileText, PIECES, shown } from "./texts.ts";

const fields = textFields();

interface Known {
  readonly field: TextField;
  readonly rendered: Rendered;
  readonly shape: Shape;
  readonly carriers: Carriers;
}

const known = fields.map((field): Known => {
  const rendered = accepted(field, field.harmless);
  const shape = shapeOf(rendered);
  const other = shapeOf(accepted(field, field.other));
  const carriers = carriersOf(shape, other);
  expect(differences(shape, other, carriers), `${field.name}: two harmless texts`).toEqual([]);
  return { field, rendered, shape, carriers };
});

test.each(known)("$field.name", (one) => {
  for (const piece of PIECES) for (const text of formsOf(one.field, piece)) hold(one, text);
});

test("any field with any text", () => {
  fc.assert(
    fc.property(fc.constantFrom(...known.keys()), hostileText, (at, piece) => {
      const one = known[at];
      if (one !== undefined) for (const text of formsOf(one.field, `${piece}z`)) hold(one, text);
    }),
    { numRuns: 1000 },
  );
});

function hold({ field, rendered, shape, carriers }: Known, text: string): void {
  const outcome = render(withTexts(field.edge, new Map([[field.name, text]])));
  const where = `${field.name}: ${shown(text)}`;
  if ("refused" in outcome) {
    expect(outcome.refused.length, where).toBeGreaterThan(0);
    for (const { severity, code, what } of outcome.refused) {
      expect(severity, where).toBe("error");
      expect(code, where).toMatch(/^[a-z-]+$/);
      expect(what, where).not.toMatch(/[\n\r\0]/);
    }
    return;
  }
  if (JSON.stringify(outcome.files) === JSON.stringify(rendered.files)) return;
  const now = shapeOf(outcome);
  const own = field.raw === true ? wholeLines(now, carriers) : carriers;
  expect(
    differences(
      field.raw === true ? { ...shape, words: outside(shape, own) } : shape,
      field.raw === true ? { ...now, wrong: [], words: outside(now, own) } : now,
      own,
    ),
    where,
  ).toEqual([]);
  if (field.exact !== true) return;
  const values = [...carriers.words].map((place) => now.words.get(place) ?? "");
  expect(
    values.some((value) => value.includes(text)),
    `${where}\n${values.join("\n")}`,
  ).toBe(true);
}

/** A raw line may be any directive; but it stays one line of its own section, and every other line is unchanged. */
function wholeLines(now: Shape, carriers: Carriers): Carriers {
  const lines = new Set([...carriers.words].map(lineOf));
  return {
    ...carriers,
    words: new Set([...now.words.keys(), ...carriers.words].filter((place) => lines.has(lineOf(place)))),
  };
}

function outside({ words }: Shape, own: Carriers): ReadonlyMap<string, string> {
  const lines = new Set([...own.words].map(lineOf));
  return new Map([...words].filter(([place]) => !lines.has(lineOf(place))));
}

function lineOf(place: string): string {
  return place.replace(/, word \d+$/, "");
}

function accepted(field: TextField, text: string): Rendered {
  const outcome = render(withTexts(field.edge, new Map([[field.name, text]])));
  if ("refused" in outcome)
    throw new Error(
      `${field.name}: ${shown(text)} is refused: ${outcome.refused.map(({ what }) => what).join("; ")}`,
    );
  return outcome;
}
