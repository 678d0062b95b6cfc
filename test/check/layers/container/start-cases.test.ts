// Whether HAProxy starts in its container: each case has its finding, and no other finding about the start.
import { expect, test } from "vitest";
import { checkLayers } from "../../../../src/check/layers/check-layers.ts";
import { readWiring } from "../../../../src/wiring/read-wiring.ts";
import { layersOf } from "./edges.ts";
import { START_CASES, START_CODES } from "./start-cases.ts";

test.each(START_CASES)("$name: $code", async ({ edge, code }) => {
  const found = checkLayers(await readWiring(layersOf(edge)));
  const codes = found.map((finding) => finding.code).filter((one) => START_CODES.includes(one));
  expect(codes).toEqual(code === undefined ? [] : [code]);
});

test("every rule about the start has cases with and without its finding", () => {
  const found = new Set(START_CASES.flatMap(({ code }) => code ?? []));
  expect([...found].sort()).toEqual(START_CODES.toSorted());
});
