// Whether HAProxy starts in its container: each case has its finding, and no other finding about the start.
import { expect, test } from "vitest";
import { checkLayers } from "../../../../src/check/layers/check-layers.ts";
import { startFailureOf } from "../../../../src/check/layers/start-failure.ts";
import { readWiring } from "../../../../src/wiring/read-wiring.ts";
import { layersOf } from "./edges.ts";
import { START_CASES, START_CODES, type StartCase } from "./start-cases.ts";

/** HAProxy starts, or the container alone does not decide it. */
const STARTS: ReadonlySet<string | undefined> = new Set([
  undefined,
  "low-port-not-permitted",
  "more-threads-than-cpu",
  "no-connection-limit",
]);

/** A variable that nothing sets stops it only as the port of a bind. */
function starts({ code, container }: StartCase): boolean {
  return code === "variable-not-set" ? !(container instanceof RegExp) : STARTS.has(code);
}

test.each(START_CASES)("$name: $code", async (startCase) => {
  const { edge, code } = startCase;
  const wiring = await readWiring(layersOf(edge));
  const found = checkLayers(wiring);
  const codes = found.map((finding) => finding.code).filter((one) => START_CODES.includes(one));
  expect(codes).toEqual(code === undefined ? [] : [code]);
  const failures = wiring.haproxies.map((layer) => startFailureOf(wiring, layer)?.what);
  expect(failures).toEqual(
    wiring.haproxies.map(() =>
      starts(startCase) ? undefined : found.find((one) => one.code === code)?.what,
    ),
  );
});

test("every rule about the start has cases with and without its finding", () => {
  const found = new Set(START_CASES.flatMap(({ code }) => code ?? []));
  expect([...found].sort()).toEqual(START_CODES.toSorted());
});
