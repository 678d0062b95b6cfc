// npm run fuzz: compares the model with real HAProxies on random descriptions and requests.
import process from "node:process";
import { parseArgs } from "node:util";
import type { Haproxy } from "../src/haproxy/find.ts";
import { type FuzzResult, fuzz } from "../test/fuzz/fuzz.ts";
import { accountOf } from "../test/fuzz/report.ts";
import { runRound } from "../test/fuzz/round.ts";
import { shrink } from "../test/fuzz/shrink.ts";
import { findAllHaproxies } from "../test/haproxy/all-haproxies.ts";

const USAGE = `npm run fuzz -- [--pairs N] [--seed S] [--haproxy BRANCH]   N pairs (default 20000) on every HAProxy that is installed, or on one such as 3.2
npm run fuzz -- --round SEED [--haproxy BRANCH]            repeat one description, as a failure names it
`;

process.exitCode = await main();

async function main(): Promise<number> {
  const values = wishes();
  if (values === undefined) return usage(process.stderr, 2);
  if (values.help) return usage(process.stdout, 0);
  const pairs = Number(values.pairs);
  // A new seed every time, so that every run tests something new; it is printed, so that a run can be repeated.
  const seed = Number(values.round ?? values.seed ?? Math.floor(Math.random() * 2 ** 31));
  if (!Number.isInteger(pairs) || pairs < 1 || !Number.isInteger(seed)) return usage(process.stderr, 2);
  const haproxies = (await findAllHaproxies()).filter(
    ({ branch }) => values.haproxy === undefined || branch === values.haproxy,
  );
  if (haproxies.length === 0) {
    process.stderr.write(
      `no HAProxy ${values.haproxy ?? ""} was found; npm run haproxy:versions installs several in the checkout\n`,
    );
    return 2;
  }
  let clean = true;
  for (const haproxy of haproxies) {
    const result =
      values.round === undefined ? await many(haproxy, pairs, seed) : await oneRound(haproxy, seed);
    process.stdout.write(`${summary(haproxy, result, seed)}\n`);
    const [first] = result.disagreements;
    if (first === undefined) continue;
    clean = false;
    process.stderr.write("reducing it …\n");
    process.stdout.write(`${accountOf(await shrink(first))}\n`);
  }
  return clean ? 0 : 1;
}

/** Undefined when there are none. */
function wishes() {
  try {
    return parseArgs({
      options: {
        pairs: { type: "string", default: "20000" },
        seed: { type: "string" },
        round: { type: "string" },
        haproxy: { type: "string" },
        help: { type: "boolean", default: false },
      },
    }).values;
  } catch {
    return undefined;
  }
}

function usage(to: NodeJS.WritableStream, exitCode: number): number {
  to.write(USAGE);
  return exitCode;
}

async function many(haproxy: Haproxy, pairs: number, seed: number): Promise<FuzzResult> {
  const began = performance.now();
  let toldMs = 0;
  return fuzz({
    haproxy,
    pairs,
    seed,
    onRound: (agreed) => {
      const elapsedMs = performance.now() - began;
      if (elapsedMs - toldMs < 5000) return;
      toldMs = elapsedMs;
      process.stderr.write(
        `HAProxy ${haproxy.version}: ${agreed} of ${pairs} pairs, ${Math.round((agreed / elapsedMs) * 1000)} a second\n`,
      );
    },
  });
}

async function oneRound(haproxy: Haproxy, round: number): Promise<FuzzResult> {
  const pairs = 250;
  const began = performance.now();
  const disagreements = await runRound(haproxy, round, pairs);
  return {
    agreed: pairs - disagreements.length,
    rounds: 1,
    tookMs: performance.now() - began,
    disagreements,
  };
}

function summary(
  { version }: Haproxy,
  { agreed, rounds, tookMs, disagreements }: FuzzResult,
  seed: number,
): string {
  const outcome = disagreements.length === 0 ? "no difference" : `${disagreements.length} differ`;
  return `HAProxy ${version}: ${agreed} pairs over ${rounds} descriptions in ${Math.round(tookMs / 1000)} s (${Math.round((agreed / tookMs) * 1000)} a second, seed ${seed}): ${outcome}`;
}
