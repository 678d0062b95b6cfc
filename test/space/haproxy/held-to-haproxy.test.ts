// The evaluator of haproxy.cfg agrees with HAProxy: random configurations, random requests and a request for each region.
import { describe, expect, test } from "vitest";
import { findAllHaproxies } from "../../haproxy/all-haproxies.ts";
import { compareWithHaproxy } from "./compare-with-haproxy.ts";

/** Of the 240 random requests and the requests for regions; the others depend on what is not known. */
const LEAST_COMPARED = 200;

describe.each(await findAllHaproxies())("HAProxy $version", ({ path }) => {
  test.each([1, 2])("random configurations, seed %i", async (seed) => {
    const { agreed, differing } = await compareWithHaproxy(path, seed, 20);
    expect(differing).toEqual([]);
    expect(agreed).toBeGreaterThan(LEAST_COMPARED);
  });
});
