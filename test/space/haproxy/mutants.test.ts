// The comparison of two haproxy.cfg misses no change: changed configurations, run by HAProxy side by side.
import { describe, expect, test } from "vitest";
import { findAllHaproxies } from "../../haproxy/all-haproxies.ts";
import { compareMutants } from "./mutants.ts";

describe.each(await findAllHaproxies())("HAProxy $version", ({ path }) => {
  test.each([1, 3])("mutants of configuration %i", async (seed) => {
    const { missed, agreed } = await compareMutants(path, seed);
    expect(missed).toEqual([]);
    expect(agreed.changed).toBeGreaterThan(0);
  });
});
