// An emitter is a folder in src/emit that emitLayers calls, `render --layer` accepts, and golden cases include.
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { renderCommand } from "../../src/cli/commands/render.ts";
import { LAYERS } from "../../src/emit/file.ts";
import { emitLayers } from "../../src/emit/layers.ts";
import { readWiring } from "../../src/wiring/read-wiring.ts";
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

/** The test in which the program that reads a layer accepts its files. */
const ACCEPTED_IN: Readonly<Record<string, string>> = {
  haproxy: "golden.test.ts",
  image: "images/images.cluster.test.ts",
  kubernetes: "emit/kubernetes/accepted.cluster.test.ts",
  cloud: "emit/cloud/terraform.slow.test.ts",
};

test("every layer has a test with the program that reads it", () => {
  expect(Object.keys(ACCEPTED_IN)).toEqual(LAYERS);
  expect(
    Object.values(ACCEPTED_IN).filter((file) => !existsSync(join(import.meta.dirname, "..", file))),
  ).toEqual([]);
});

/** Rendered files that no rule examines: `portico check` compares their text. */
const NOT_READ: readonly string[] = ["image/rsyslog.conf", "image/start-edge"];

test("the files of every layer are read back", async () => {
  const cases = ["cloud-nlb-everything", "kubernetes-everything", "image-rsyslog-ubuntu"];
  const plans = await Promise.all(cases.map((name) => goldenCase(join(golden, name))));
  const unread = plans.map(async ({ plan }) => {
    const files =
      plan === null ? [] : emitLayers(plan).map(({ path, content }) => ({ file: path, text: content }));
    const read = (await readWiring(files)).files.filter(({ kind }) => kind !== "other");
    return files.map(({ file }) => file).filter((file) => !read.some((one) => one.file === file));
  });
  expect([...new Set((await Promise.all(unread)).flat())].sort()).toEqual(NOT_READ);
});

function foldersIn(folder: string): readonly string[] {
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name)
    .sort();
}
