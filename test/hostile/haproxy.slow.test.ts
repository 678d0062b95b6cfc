// Whatever the accepted texts of a description, every installed HAProxy loads the result without a warning.
import { afterAll, describe, expect, test } from "vitest";
import { findAllHaproxies } from "../haproxy/all-haproxies.ts";
import { openLoadables } from "../loadable.ts";
import { type TextField, textFields, withTexts } from "./fields.ts";
import { render } from "./rendered.ts";
import { PIECES } from "./texts.ts";

/** Number of texts in a field at once, one after the other. */
const TOGETHER = 6;

const haproxies = await findAllHaproxies();
const loadables = openLoadables();
afterAll(() => loadables.remove());

const fields = textFields().filter(({ raw }) => raw !== true);
const edges = [...new Set(fields.map(({ edge }) => edge))].map((edge) => ({ name: edge.name, edge }));

describe.each(edges)("$name", ({ edge }) => {
  const accepted = fields
    .filter((field) => field.edge === edge)
    .map((field) => ({ field, texts: acceptedTexts(field) }));
  const rounds = Math.max(...accepted.map(({ texts }) => texts.length));
  const descriptions = Array.from({ length: rounds }, (_, round) =>
    withTexts(
      edge,
      new Map(
        accepted.flatMap(({ field, texts }) =>
          texts[round] === undefined ? [] : [[field.name, texts[round]] as const],
        ),
      ),
    ),
  );

  test("has hostile texts in most of its fields at once", () => {
    expect(accepted.filter(({ texts }) => texts.length > 0).length).toBeGreaterThan(accepted.length / 3);
    // Few texts are valid names: one round has all of them.
    expect(rounds).toBeGreaterThan(edge.name === "namedEdge" ? 0 : 5);
  });

  test.each(haproxies)("HAProxy $version", async (haproxy) => {
    expect(haproxies.length).toBeGreaterThan(0);
    for (const description of descriptions) {
      const outcome = render(description);
      if ("refused" in outcome) throw new Error(JSON.stringify(outcome.refused[0]));
      expect(await loadables.objections(haproxy, outcome.files)).toBe("");
    }
  });
});

/** Accepted texts: several pieces each if possible, otherwise one. */
function acceptedTexts(field: TextField): readonly string[] {
  const { before = "" } = field;
  const takes = (text: string) =>
    !("refused" in render(withTexts(field.edge, new Map([[field.name, text]]))));
  const single = PIECES.filter((piece) => takes(before + piece));
  const texts: string[] = [];
  for (let at = 0; at < single.length; at += TOGETHER) {
    const chunk = single.slice(at, at + TOGETHER);
    const together = before + chunk.join("");
    if (takes(together)) texts.push(together);
    else texts.push(...chunk.map((piece) => before + piece));
  }
  return texts;
}
