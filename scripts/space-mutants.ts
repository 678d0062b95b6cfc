// npm run space -- --mutants N: changed configurations, compared by `diff` and by HAProxy.
import { findAllHaproxies } from "../test/haproxy/all-haproxies.ts";
import { compareMutants } from "../test/space/haproxy/mutants.ts";

/** The exit status: 1 if a change is missed. The installed versions run the configurations in turn. */
export async function measureMutants(wanted: number, first: number): Promise<number> {
  const haproxies = await findAllHaproxies();
  const total = { mutants: 0, changed: 0, equal: 0, undecided: 0, unshown: 0, missed: 0 };
  const began = performance.now();
  for (let seed = first; total.mutants < wanted; seed += 1) {
    const found = await compareMutants(haproxies[seed % haproxies.length]?.path ?? "haproxy", seed);
    total.mutants += found.mutants;
    total.changed += found.agreed.changed;
    total.equal += found.agreed.equal;
    total.undecided += found.undecided;
    total.unshown += found.unshown.length;
    total.missed += found.missed.length;
    for (const one of found.missed) console.log(`missed, seed ${seed}:\n${one}\n`);
    for (const one of found.unshown) console.log(`not shown, seed ${seed}:\n${one}\n`);
  }
  const seconds = ((performance.now() - began) / 1000).toFixed(0);
  console.log(
    `${total.mutants} mutants: ${total.changed} changed and ${total.equal} equal in both comparisons, ${total.undecided} depend on an unknown or on a line that is not examined, ${total.unshown} reported without a request that shows the change, ${total.missed} missed; ${seconds} s`,
  );
  return total.missed === 0 ? 0 : 1;
}
