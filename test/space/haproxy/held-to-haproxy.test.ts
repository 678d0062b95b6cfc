// The evaluator of haproxy.cfg agrees with HAProxy: random configurations, random requests and a request for each region.
import { describe, expect, test } from "vitest";
import { haproxies } from "../../lab/real-haproxy.ts";
import { compareWithHaproxy } from "./compare-with-haproxy.ts";

describe.each(haproxies)("%s", (binary) => {
  test.each([1, 2])("random configurations, seed %i", async (seed) => {
    const { agreed, undecided, differing } = await compareWithHaproxy(binary, seed, 20);
    expect(differing).toEqual([]);
    expect(agreed).toBeGreaterThan(undecided);
  });
});
