// npm run mutation: changes every port, protocol, flag, check, name, number and time of the examples' rendered layers, one at a time, and reports which changes are noticed.
import { join, resolve } from "node:path";
import process from "node:process";
import { findHaproxy } from "../src/haproxy/find.ts";
import { exampleNames } from "../test/examples/examples.ts";
import { HAND_WRITTEN, openHandWritten } from "../test/mutation/hand-written.ts";
import { openSubject, type Verdict } from "../test/mutation/judge.ts";
import type { Mutant } from "../test/mutation/mutant.ts";

const root = resolve(import.meta.dirname, "..");
const wanted = process.argv.slice(2);
const examples = exampleNames.filter((name) => wanted.length === 0 || wanted.includes(name));
const haproxy = (await findHaproxy({})).value;
if (haproxy === undefined) throw new Error("no HAProxy is installed here");

interface Tally {
  total: number;
  check: number;
  test: number;
  diff: number;
  same: number;
  survived: number;
}
const byLayer = new Map<string, Tally>();
const survivors: { readonly example: string; readonly mutant: Mutant }[] = [];

const handWritten = Object.keys(HAND_WRITTEN).filter((name) => wanted.length === 0 || wanted.includes(name));
for (const example of [...examples, ...handWritten]) {
  const base = HAND_WRITTEN[example];
  const subject =
    base === undefined
      ? await openSubject(join(root, "examples", example), haproxy)
      : await openHandWritten(base(), haproxy);
  const own: Tally = { total: 0, check: 0, test: 0, diff: 0, same: 0, survived: 0 };
  for (const mutant of subject.mutants) {
    const verdict = await subject.findingsOf(mutant);
    const layer = base === undefined ? (mutant.file.split("/")[0] ?? "") : "written by hand";
    for (const tally of [own, tallyOf(layer)]) count(tally, verdict);
    if (verdict === "survived") survivors.push({ example, mutant });
  }
  print(example, own);
}
console.log("");
for (const [layer, tally] of byLayer) print(layer, tally);
for (const { example, mutant } of survivors)
  console.log(
    `survived  ${example}/${mutant.file}:${mutant.line}  ${mutant.before} → ${mutant.after}    ${mutant.text}`,
  );

function tallyOf(layer: string): Tally {
  const known = byLayer.get(layer) ?? { total: 0, check: 0, test: 0, diff: 0, same: 0, survived: 0 };
  byLayer.set(layer, known);
  return known;
}

function count(tally: Tally, verdict: Verdict): void {
  tally.total += 1;
  tally[verdict] += 1;
}

function print(name: string, { total, check, test, diff, same, survived }: Tally): void {
  const altering = total - same;
  const score = altering === 0 ? 100 : (100 * (altering - survived)) / altering;
  console.log(
    `${name.padEnd(24)} ${String(total).padStart(5)} mutants  ${String(check).padStart(5)} by check  ${String(test).padStart(4)} by test  ${String(diff).padStart(4)} by diff  ${String(same).padStart(4)} change nothing  ${String(survived).padStart(3)} survived  ${score.toFixed(1)} %`,
  );
}
