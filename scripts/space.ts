#!/usr/bin/env node
// npm run space: compares the space of random plans with the model, for random requests and for the witnesses of regions; with
// --haproxy the same requests with every installed HAProxy, too; with --files DIR the evaluator of haproxy.cfg with HAProxy, for
// the regions of every file in a folder; with --mutants N the comparison of haproxy.cfg with HAProxy, for changed configurations.
import { parseArgs } from "node:util";
import { runRound } from "../test/fuzz/round.ts";
import { findAllHaproxies } from "../test/haproxy/all-haproxies.ts";
import { type Agreement, compareMembers, compareWitnesses } from "../test/space/plan/random-plans.ts";

const { values } = parseArgs({
  options: {
    members: { type: "string", default: "200000" },
    seed: { type: "string", default: "1" },
    files: { type: "string" },
    mutants: { type: "string" },
    haproxy: { type: "boolean", default: false },
  },
});
if (values.files !== undefined) {
  const { measureFolder } = await import("./space-folder.ts");
  process.exit(await measureFolder(values.files));
}
if (values.mutants !== undefined) {
  const { measureMutants } = await import("./space-mutants.ts");
  process.exit(await measureMutants(Number(values.mutants), Number(values.seed)));
}
const wanted = Number(values.members);
/** Of one plan, from each of the two kinds. */
const EACH = 400;

const haproxies = values.haproxy ? await findAllHaproxies() : [];
const began = performance.now();
let [seed, plans] = [Number(values.seed) * 1_000_000, 0];
const total = { requests: 0, witnesses: 0, outside: 0, sent: 0 };
const differing: string[] = [];
while (total.requests + total.witnesses < wanted && differing.length < 5) {
  const requests: Agreement = compareMembers(seed, EACH);
  const witnesses = compareWitnesses(seed, EACH);
  total.requests += requests.agreed;
  total.witnesses += witnesses.agreed;
  total.outside += requests.outside;
  differing.push(...requests.differing, ...witnesses.differing);
  const found = await Promise.all(haproxies.map((haproxy) => runRound(haproxy, seed, EACH, witnesses.sent)));
  total.sent += EACH + witnesses.sent.length;
  for (const { haproxy, pair, differences } of found.flat())
    differing.push(`${haproxy.version}, seed ${seed}: ${JSON.stringify([pair?.request, differences])}`);
  seed += 1;
  plans += 1;
}
for (const one of differing) console.log(one);
const answered = values.haproxy
  ? `, ${total.sent} of them, with those outside, were sent to each of HAProxy ${haproxies.map(({ version }) => version).join(", ")}`
  : "";
const seconds = ((performance.now() - began) / 1000).toFixed(0);
console.log(
  `${plans} random plans: ${total.requests} random requests and ${total.witnesses} witnesses agree with the model${answered}, ${differing.length} differ; ${total.outside} requests are outside the space; ${seconds} s`,
);
process.exitCode = differing.length === 0 ? 0 : 1;
