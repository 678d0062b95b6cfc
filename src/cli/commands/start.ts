// What `npm start` runs: renders, checks and tests the example edge.
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { countOf } from "../../findings/count.ts";
import type { ExpectationResult } from "../../lab/expectation.ts";
import { type CommandContext, type CommandSpec, screenOf } from "../command.ts";
import { loadPlan, type Planned, shown } from "../planned.ts";
import { haproxyFor, withLab } from "../with-lab.ts";

const EXAMPLE = "examples/elb-classic";
/** How many expectations are shown; the others are counted. */
const SHOWN = 8;

export const startCommand: CommandSpec = {
  name: "start",
  summary: "render, check and test the example edge",
  options: [],
  examples: [],
  async run(context, given) {
    const { coloursOf } = await import("../screens/layout.ts");
    const colours = coloursOf(screenOf(context));
    const folder = fileURLToPath(new URL(`../../../${EXAMPLE}`, import.meta.url));
    const planned = await loadPlan(context, given, shown(context, folder));
    if (planned === undefined) return 2;
    context.print(`Portico · ${colours.bold(EXAMPLE)}\n`);
    if (!(await renderPart(context, planned, folder))) return 1;
    const haproxy = await haproxyFor(context, given);
    if (haproxy === undefined) return 2;
    const clean = await checkPart(context, planned, haproxy);
    const passed = await testPart(context, planned, haproxy);
    context.print(
      `\nNext:  bin/portico explain GET https://app.example.com/api/x ${EXAMPLE} -H 'x-beta: 1'\n       bin/portico plan ${EXAMPLE}\n       bin/portico init my-edge`,
    );
    return clean && passed ? 0 : 1;
  },
};

const label = (name: string) => `  ${name.padEnd(11)}`;

async function renderPart(context: CommandContext, { plan }: Planned, folder: string): Promise<boolean> {
  const { emitLayers } = await import("../../emit/layers.ts");
  const { writeFiles } = await import("../write-files.ts");
  const { fold } = await import("../screens/layout.ts");
  const files = emitLayers(plan);
  const out = resolve(folder, "out");
  // The example's output folder may be replaced.
  const outcome = writeFiles(out, files, { force: true });
  if (outcome.kind !== "written") {
    context.log(`nothing was written: ${outcome.because}\n${outcome.remedy}`);
    return false;
  }
  const layers = new Set(files.map(({ path }) => path.split("/")[0]));
  context.print(
    `${label("rendered")}${`${countOf(files.length, "file")} in ${countOf(layers.size, "layer")}`.padEnd(38)}→ ${EXAMPLE}/out/`,
  );
  for (const line of fold(files.map(({ path }) => path).join(" "), Math.min(context.width, 100) - 13))
    context.print(`${label("")}${line}`);
  return true;
}

async function checkPart(
  context: CommandContext,
  { plan, description }: Planned,
  haproxy: Parameters<typeof withLab>[2],
): Promise<boolean> {
  const { checkDescription, RULE_COUNT } = await import("../../check/check-description.ts");
  const findings = await checkDescription(plan, description, { haproxy });
  context.print(
    `${label("checked")}${countOf(RULE_COUNT, "rule")} and haproxy -c, ${countOf(findings.length, "finding")}`,
  );
  for (const { severity, code, what } of findings) context.print(`${label("")}${severity}  ${code}  ${what}`);
  return findings.every(({ severity }) => severity === "note");
}

async function testPart(
  context: CommandContext,
  { plan }: Planned,
  haproxy: Parameters<typeof withLab>[2],
): Promise<boolean> {
  const { runExpectations } = await import("../../lab/expectation.ts");
  const { resultLine, requestText, failureText } = await import("../screens/expectation-text.ts");
  const { seconds, widest } = await import("../screens/layout.ts");
  const { queryModelOf, rawLinesOf } = await import("../../lab/query-model.ts");
  const { healthLine } = await import("../screens/paths-text.ts");
  context.print(
    `${label("tested")}HAProxy ${haproxy.version} behind a simulated load balancer, with every layer as rendered`,
  );
  const screen = screenOf(context);
  const began = performance.now();
  const { results, unhealthy } = await withLab(context, plan, haproxy, async (lab) => {
    for (const { path, text } of lab.trafficPaths)
      if (path.start !== "service") context.print(`${label("")}${text}`);
    context.print("");
    return {
      results: await runExpectations(lab, plan.expectations),
      unhealthy: lab.health.filter(({ healthy }) => !healthy),
    };
  });
  for (const report of unhealthy) context.print(`    ${healthLine(report, screen)}`);
  const failed = results.filter(({ differences }) => differences.length > 0);
  const first = failed.length > 0 ? failed : spread(results);
  const urlWidth = widest(first.map(requestText)) + 2;
  for (const one of first) {
    context.print(`    ${resultLine(one, urlWidth, screen)}`);
    if (one.differences.length > 0)
      context.print(failureText(one, queryModelOf(plan, one), screen, undefined, rawLinesOf(plan, one)));
  }
  if (results.length > first.length) context.print(`    … ${results.length - first.length} more`);
  context.print(
    `\n  ${results.length - failed.length} of ${results.length} as expected in ${seconds(performance.now() - began)}`,
  );
  return failed.length === 0 && unhealthy.length === 0;
}

/** An even sample, in order: descriptions group similar expectations. */
function spread(results: readonly ExpectationResult[]): readonly ExpectationResult[] {
  const step = Math.max(1, results.length / SHOWN);
  return results.filter((_, index) => Math.floor(index / step) > Math.floor((index - 1) / step));
}
