// portico test: runs the expectations through a real HAProxy, one line each.
import type { ExpectationResult } from "../../lab/expectation.ts";
import type { Lab } from "../../lab/lab.ts";
import type { NotRun } from "../../lab/not-run.ts";
import type { CommandContext, CommandSpec, Given } from "../command.ts";
import { formatOf } from "../findings-output.ts";
import { loadPlan, type Planned } from "../planned.ts";
import type { PathsAndHealth } from "../screens/paths-text.ts";
import { TRUST, trustOf } from "../trust.ts";
import { VERBOSE } from "../verbose.ts";
import { haproxyFor, withLab } from "../with-lab.ts";

const USAGE = 2;

export const testCommand: CommandSpec = {
  name: "test",
  arguments: "[description]",
  summary: "run the expectations through a real HAProxy",
  options: [
    {
      flags: "--haproxy <path>",
      about: "the HAProxy to test with; default $PORTICO_HAPROXY, then the one on PATH",
    },
    { flags: "--format <format>", about: "output format of results", choices: ["text", "json", "junit"] },
    { flags: "--json", about: "the same as --format json" },
    { flags: "--watch", about: "run again whenever the description or a layer changes" },
    {
      flags: "--layers <dir>",
      about: "test the layers in this folder instead of a description",
    },
    { flags: "--expect <file>", about: "with --layers: a YAML file with the expectations" },
    {
      flags: "--target <where>",
      about: "test a running edge: https://address[:port], nodes=ADDRESS,ADDRESS, or cluster",
      repeats: true,
    },
    { flags: "--context <name>", about: "the kubeconfig's context for --target cluster" },
    TRUST,
    VERBOSE,
    {
      flags: "--send-writes",
      about: "at a running edge, also send requests that may change something at a backend",
    },
  ],
  examples: [
    "portico test",
    "portico test --haproxy /opt/haproxy-3.2/sbin/haproxy",
    "portico test --format junit > edge.xml",
    "portico test --target http://edge.example.com --target https://edge.example.com",
    "portico test --target cluster --context prod",
    "portico test --layers deploy/ --expect deploy/expect.yaml",
  ],
  async run(context, given) {
    const targets = given.list("target");
    const layers = given.text("layers");
    if (layers !== undefined) return playLayersOf(context, given, layers);
    if (given.text("expect") !== undefined) {
      context.log("portico: --expect needs --layers; a description has its own expectations.");
      return USAGE;
    }
    if (targets.length === 0 && given.text("context") !== undefined) {
      context.log("portico: --context needs --target: `--target cluster --context NAME`.");
      return USAGE;
    }
    if (targets.length > 0) return playAtTargets(context, given, targets);
    if (!given.flag("watch")) return playOnce(context, given);
    return watchDescription(context, given);
  },
};

async function playLayersOf(context: CommandContext, given: Given, folder: string): Promise<number> {
  const file = given.text("expect");
  const wrong =
    given.list("target").length > 0
      ? "--layers tests layers in the lab, --target a running edge: write one of them."
      : given.text("description") !== undefined
        ? "--layers tests layers without a description; for its expectations write `--expect portico.yaml`."
        : file === undefined
          ? `--layers ${folder} needs expectations: add --expect FILE, a YAML list of requests and their expected outcomes.`
          : undefined;
  if (wrong !== undefined || file === undefined) {
    context.log(`portico: ${wrong}`);
    return USAGE;
  }
  const { testLayers } = await import("../test-layers.ts");
  if (!given.flag("watch")) return testLayers(context, given, folder, file);
  const [{ watchAndTest }, { dirname, resolve }] = await Promise.all([
    import("../watch.ts"),
    import("node:path"),
  ]);
  const folders = [...new Set([resolve(context.cwd, folder), dirname(resolve(context.cwd, file))])];
  return watchAndTest(context, folders, /./, () => testLayers(context, given, folder, file));
}

async function watchDescription(context: CommandContext, given: Given): Promise<number> {
  const [{ tryPlan }, { watchAndTest }] = await Promise.all([import("../planned.ts"), import("../watch.ts")]);
  const { value } = await tryPlan(context, given.text("description"));
  if (value?.folder === null) {
    context.log(`portico: --watch needs a regular file, and ${value.description.file} is not one.`);
    return USAGE;
  }
  const folder = value?.folder ?? context.cwd;
  return watchAndTest(context, [folder], /\.(ya?ml|[cm]?[jt]s)$/, () => playOnce(context, given));
}

async function playOnce(context: CommandContext, given: Given): Promise<number> {
  const planned = await loadPlan(context, given);
  if (planned === undefined) return 2;
  const haproxy = await haproxyFor(context, given);
  if (haproxy === undefined) return 2;
  const { expectations } = planned.plan;
  if (lacksExpectations(context, planned)) return 1;
  const began = performance.now();
  const format = formatOf(given);
  const use = async (lab: Lab) => {
    const [{ runExpectations }, { pathsJson }, { notRunOfDescription }, { notRunLines }] = await Promise.all([
      import("../../lab/expectation.ts"),
      import("../screens/paths-text.ts"),
      import("../not-run.ts"),
      import("../screens/not-run-text.ts"),
    ]);
    const notRun = notRunOfDescription(lab, planned);
    if (format === "text" && notRun.length > 0) context.print(`${notRunLines(notRun).join("\n")}\n`);
    const onResult = format === "text" ? await linePrinter(context, planned) : undefined;
    return {
      results: await runExpectations(lab, expectations, onResult),
      unhealthy: lab.health.filter(({ healthy }) => !healthy),
      trafficPaths: pathsJson(lab),
      notRun,
    };
  };
  const run = await withLab(context, planned.plan, haproxy, use, trustOf(given));
  const { results, unhealthy, notRun } = run;
  if (format === "text" && unhealthy.length > 0) {
    const { healthLine } = await import("../screens/paths-text.ts");
    const screen = { colour: context.colour.out, width: context.width };
    for (const report of unhealthy) context.print(healthLine(report, screen));
  }
  await printResults(context, format, planned, run, haproxy.version, performance.now() - began);
  const { decidesAnswers } = await import("../../lab/not-run.ts");
  if (notRun.some(decidesAnswers)) return 1;
  return unhealthy.length === 0 && results.every(({ differences }) => differences.length === 0) ? 0 : 1;
}

async function playAtTargets(
  context: CommandContext,
  given: Given,
  targets: readonly string[],
): Promise<number> {
  const planned = await loadPlan(context, given);
  if (planned === undefined) return 2;
  if (lacksExpectations(context, planned)) return 1;
  const { testTarget } = await import("../test-target.ts");
  return testTarget(context, given, planned, targets);
}

/** Reports a description without expectations. */
function lacksExpectations(context: CommandContext, { plan, description }: Planned): boolean {
  if (plan.expectations.length > 0) return false;
  context.log(
    `${description.file} has no expectations: add \`expect\` with a request and its expected outcome.`,
  );
  return true;
}

/** Prints each result immediately. */
async function linePrinter(
  context: CommandContext,
  { plan }: Planned,
): Promise<(result: ExpectationResult) => void> {
  const [{ resultLine, failureText, requestText }, { queryModelOf, rawLinesOf }, { widest }] =
    await Promise.all([
      import("../screens/expectation-text.ts"),
      import("../../lab/query-model.ts"),
      import("../screens/layout.ts"),
    ]);
  const screen = { colour: context.colour.out, width: context.width };
  const longest = widest(plan.expectations.map((expectation) => requestText({ expectation })));
  const urlWidth = Math.min(longest, Math.max(30, context.width - 46)) + 2;
  return (result) => {
    context.print(resultLine(result, urlWidth, screen));
    if (result.differences.length === 0) return;
    context.print(
      failureText(result, queryModelOf(plan, result), screen, undefined, rawLinesOf(plan, result)),
    );
  };
}

interface Results {
  readonly results: readonly ExpectationResult[];
  readonly trafficPaths: PathsAndHealth;
  readonly notRun: readonly NotRun[];
}

async function printResults(
  context: CommandContext,
  format: string,
  planned: Planned,
  { results, trafficPaths, notRun }: Results,
  version: string,
  tookMs: number,
): Promise<void> {
  if (format === "text") {
    const [{ summaryLine }, { coloursOf }] = await Promise.all([
      import("../screens/expectation-text.ts"),
      import("../screens/layout.ts"),
    ]);
    context.print(
      `\n${summaryLine(results, tookMs, version, coloursOf({ colour: context.colour.out }), notRun)}`,
    );
    return;
  }
  const { junitText, resultsJson } = await import("../screens/results.ts");
  context.print(
    format === "junit"
      ? junitText(
          planned.plan.edge,
          results,
          tookMs,
          trafficPaths.health.filter(({ healthy }) => !healthy),
          notRun,
        )
      : resultsJson(planned.plan.edge, results, version, tookMs, { ...trafficPaths, notRun }),
  );
}
