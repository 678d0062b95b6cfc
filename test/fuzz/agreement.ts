// The model and the real HAProxy agree on random descriptions and requests, on every version at hand.
import { describe, expect, it } from "vitest";
import { findAllHaproxies } from "../haproxy/all-haproxies.ts";
import { fuzz } from "./fuzz.ts";
import { accountOf } from "./report.ts";
import { shrink } from "./shrink.ts";

const haproxies = await findAllHaproxies();

/** Declares a test for each version, with this number of pairs of a description and a request, from this seed or `$PORTICO_FUZZ_SEED`. */
export function testAgreement(pairs: number, fixedSeed: number): void {
  const seed = Number(process.env.PORTICO_FUZZ_SEED ?? fixedSeed);

  it("finds a HAProxy to compare with", () => {
    expect(haproxies).not.toEqual([]);
  });

  describe.each(haproxies)("HAProxy $version", (haproxy) => {
    it(`agrees with the model, ${pairs} times (PORTICO_FUZZ_SEED=${seed})`, {
      timeout: 240_000,
    }, async () => {
      const { agreed, disagreements } = await fuzz({ haproxy, pairs, seed });
      const [first] = disagreements;
      if (first !== undefined) expect.fail(accountOf(await shrink(first)));
      expect(agreed).toBeGreaterThanOrEqual(pairs);
    });
  });
}
