// An emitter is a folder in src/emit that emitLayers calls, `render --layer` accepts, and golden cases include.
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { renderCommand } from "../../src/cli/commands/render.ts";
import { LAYERS } from "../../src/emit/file.ts";
import { emitLayers } from "../../src/emit/layers.ts";
import { goldenCase } from "../golden-files.ts";

const golden = join(import.meta.dirname, "../golden");

test("every folder of src/emit is a layer", () => {
  expect(foldersIn(join(import.meta.dirname, "../../src/emit"))).toEqual(LAYERS.toSorted());
});

test("emitLayers writes every layer", async () => {
  const { plan } = await goldenCase(join(golden, "cloud-nlb-everything"));
  const files = plan === null ? [] : emitLayers(plan);
  expect([...new Set(files.map(({ path }) => path.split("/")[0]))]).toEqual(LAYERS);
});

test("`portico render --layer` accepts every layer", () => {
  const choices = renderCommand.options?.find(({ flags }) => flags.startsWith("--layer"))?.choices;
  expect(choices).toEqual(LAYERS);
});

test("golden cases include every layer", () => {
  const shown = new Set(readdirSync(golden).flatMap((name) => foldersIn(join(golden, name))));
  expect([...shown].sort()).toEqual(LAYERS.toSorted());
});

function foldersIn(folder: string): readonly string[] {
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name)
    .sort();
}
