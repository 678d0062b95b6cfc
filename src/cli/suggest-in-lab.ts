// Opens a lab for `portico expect --suggest`, runs the existing expectations, and prints or writes the suggestions.
import { existsSync, readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { appendItems, linesOf, type NewItem } from "../description/source/append-items.ts";
import { countOf } from "../findings/count.ts";
import { runExpectations } from "../lab/expectation.ts";
import type { LayersLab } from "../lab/layers-lab.ts";
import { splitUrl } from "../lab/send.ts";
import type { ExpectationPlan } from "../plan/expectation-plan.ts";
import type { Path } from "../source/data.ts";
import type { CommandContext, Given } from "./command.ts";
import { type Measured, measuredIn } from "./coverage.ts";
import { expectationsIn, NO_EXPECTATIONS } from "./expectations-of-layers.ts";
import { showRefusal } from "./haproxy-refusal.ts";
import { layerToTest, wiringIn } from "./layers-to-test.ts";
import { entrancesOfLayers, entrancesOfPlan } from "./locate-expectation.ts";
import { loadPlan } from "./planned.ts";
import { replaceFiles } from "./replace-files.ts";
import { spaceOfPlan, spaceOfWiring } from "./space-input.ts";
import { type Suggestions, suggestionsFor } from "./suggest.ts";
import { trustOf } from "./trust.ts";
import { haproxyFor, withLab, withLayersLab } from "./with-lab.ts";

const USAGE = 2;

/** The exit status. */
export async function suggestForDescription(context: CommandContext, given: Given): Promise<number> {
  const planned = await loadPlan(context, given);
  if (planned === undefined || !isAsked(context, given)) return USAGE;
  const haproxy = await haproxyFor(context, given);
  if (haproxy === undefined) return USAGE;
  const { plan, description } = planned;
  const measured = measuredIn(await spaceOfPlan(planned), entrancesOfPlan(plan));
  const use = (lab: LayersLab) => suggested(lab, measured, plan.expectations);
  const suggestions = await withLab(context, plan, haproxy, use, trustOf(given));
  return show(context, given, suggestions, { file: description.file, path: ["expect"] });
}

/** `file`: with expectations, or a new one. */
export async function suggestForLayers(
  context: CommandContext,
  given: Given,
  folder: string,
  file: string | undefined,
): Promise<number> {
  const wiring = await wiringIn(context, folder);
  const layer = await layerToTest(context, wiring, folder);
  if (layer === undefined || !isAsked(context, given)) return USAGE;
  const about = { wiring, layer, mayBeNew: true };
  const expected = file === undefined ? NO_EXPECTATIONS : await expectationsIn(context, given, file, about);
  const input = await spaceOfWiring(context, folder, wiring);
  if (expected === undefined || input === undefined) return USAGE;
  const haproxy = await haproxyFor(context, given);
  if (haproxy === undefined) return USAGE;
  const measured = measuredIn(input, entrancesOfLayers(wiring, layer));
  const hosts = [...expected.expectations.map(hostOf), ...hostsIn(measured)];
  const use = (lab: LayersLab) => suggested(lab, measured, expected.expectations);
  try {
    const options = { haproxy, hosts: [...new Set(hosts)], ...trustOf(given) };
    const suggestions = await withLayersLab(context, wiring, options, use);
    return show(context, given, suggestions, { file, path: expected.path });
  } catch (error) {
    await showRefusal(context, given, error, { haproxy, layer, wiring });
    return USAGE;
  }
}

function isAsked(context: CommandContext, given: Given): boolean {
  if (given.flag("suggest")) return true;
  context.log("portico expect: write --suggest: it prints expectations, and --write adds them.");
  return false;
}

function hostOf({ request }: ExpectationPlan): string {
  return splitUrl(request.url).hostname.toLowerCase();
}

/** For the certificates of the lab. */
function hostsIn({ located }: Measured): readonly string[] {
  return located.regions.flatMap(({ witness }) => witness?.host?.replace(/:\d*$/, "").toLowerCase() ?? []);
}

async function suggested(
  lab: LayersLab,
  measured: Measured,
  expectations: readonly ExpectationPlan[],
): Promise<Suggestions> {
  return suggestionsFor(lab, measured, await runExpectations(lab, expectations));
}

interface Into {
  readonly file: string | undefined;
  readonly path: Path;
}

function show(
  context: CommandContext,
  given: Given,
  { items, without, incomplete }: Suggestions,
  into: Into,
): number {
  for (const text of without) context.log(`no expectation for ${text}`);
  if (incomplete) {
    context.log(
      "portico expect: the evaluation needs more steps than its budget, so there is no list of regions.",
    );
    return 1;
  }
  if (items.length === 0) {
    if (without.length === 0) context.log("The expectations exercise every region and every rule.");
    return 0;
  }
  if (!given.flag("write")) {
    context.print(`${into.path.length === 0 ? "" : "expect:\n"}${linesOf(items, "  ").trimEnd()}`);
    return 0;
  }
  return write(context, items, into);
}

function write(context: CommandContext, items: readonly NewItem[], { file = "", path }: Into): number {
  const full = resolve(context.cwd, file);
  const before = existsSync(full) ? readFileSync(full, "utf8") : undefined;
  const after = /\.ya?ml$/i.test(file) ? appendItems(before ?? "", path, items) : undefined;
  if (after === undefined) {
    context.log(
      `portico expect: ${file} has no list of expectations in YAML's block style (\`- …\` on a line of its own), so nothing was written. Without --write, the expectations are printed.`,
    );
    return USAGE;
  }
  const problem = replaceFiles(context.cwd, dirname(full), [{ file, before, after }]);
  if (problem !== null) {
    context.log(`portico expect: ${problem}`);
    return USAGE;
  }
  context.print(`${file}: ${countOf(items.length, "expectation")} added`);
  return 0;
}
