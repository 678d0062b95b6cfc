// The model and the real HAProxy agree on random descriptions and requests, on every version at hand.
import { describe, expect, it } from "vitest";
import { findAllHaproxies } from "../../src/haproxy/find.ts";
import { accountOf } from "./account.ts";
import { fuzz } from "./fuzz.ts";
import { shrink } from "./shrink.ts";

const PAIRS = 20_000;
const SEED = Number(process.env.PORTICO_FUZZ_SEED ?? 1);

const haproxies = await findAllHaproxies();

it("finds a HAProxy to compare with", () => {
  expect(haproxies).not.toEqual([]);
});

describe.each(haproxies)("HAProxy $version", (haproxy) => {
  it(`does what the model says, ${PAIRS} times (PORTICO_FUZZ_SEED=${SEED})`, {
    timeout: 240_000,
  }, async () => {
    const { agreed, disagreements } = await fuzz({ haproxy, pairs: PAIRS, seed: SEED });
    const [first] = disagreements;
    if (first !== undefined) expect.fail(accountOf(await shrink(first)));
    expect(agreed).toBeGreaterThanOrEqual(PAIRS);
  });
});
