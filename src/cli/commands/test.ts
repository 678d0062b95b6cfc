// portico test: runs the expectations through a real HAProxy, one line each.
import type { Lab } from "../../lab/lab.ts";
import type { CommandContext, CommandSpec, Given } from "../command.ts";
import { type AskedCoverage, COVERAGE_OPTIONS, readCoverage } from "../coverage-options.ts";
import { formatOf } from "../findings-output.ts";
import { loadPlan, type Planned } from "../planned.ts";
import { TRUST, trustOf } from "../trust.ts";
import { VERBOSE } from "../verbose.ts";
import { HAPROXY, haproxyFor, withLab } from "../with-lab.ts";

const USAGE = 2;

export const testCommand: CommandSpec = {
  name: "test",
  arguments: "[description]",
  summary: "run the expectations through a real HAProxy",
  options: [
    HAPROXY,
    {
      flags: "--format <format>",
      about: "output format of results",
      choices: ["text", "json", "junit", "sarif", "github"],
    },
    { flags: "--json", about: "the same as --format json" },
    { flags: "--watch", about: "run again whenever the description or a layer changes" },
    {
      flags: "--layers <dir>",
      about: "test the layers in this folder, or one haproxy.cfg, instead of a description",
    },
    { flags: "--expect <file>", about: "with --layers or a haproxy.cfg: a YAML file with the expectations" },
    {
      flags: "--target <where>",
      about: "test a running edge: https://address[:port], nodes=ADDRESS,ADDRESS, or cluster",
      repeats: true,
    },
    { flags: "--context <name>", about: "the kubeconfig context for --target cluster" },
    ...COVERAGE_OPTIONS,
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
    "portico test haproxy.cfg --expect expect.yaml",
    "portico test --coverage --fail-under 100",
  ],
  async run(context, given) {
    const coverage = readCoverage(given);
    if ("problem" in coverage) {
      context.log(`portico test: ${coverage.problem}`);
      return USAGE;
    }
    const targets = given.list("target");
    if (targets.length > 0 && coverage.isAsked) {
      context.log("portico test: --coverage is about the lab; remove --target.");
      return USAGE;
    }
    const layers = given.text("layers");
    if (layers !== undefined) return testLayersOf(context, given, layers);
    const { inputOf } = await import("../input.ts");
    const input = inputOf(context.cwd, given.text("description"));
    if (input.kind === "haproxy") return testLayersOf(context, given, input.file);
    if (given.text("expect") !== undefined) {
      context.log(
        "portico: --expect needs --layers or a haproxy.cfg; a description has its own expectations.",
      );
      return USAGE;
    }
    if (targets.length === 0 && given.text("context") !== undefined) {
      context.log("portico: --context needs --target: `--target cluster --context NAME`.");
      return USAGE;
    }
    if (targets.length > 0) return testTargets(context, given, targets);
    if (!given.flag("watch")) return testDescription(context, given);
    return watchDescription(context, given);
  },
};

async function testLayersOf(context: CommandContext, given: Given, folder: string): Promise<number> {
  const file = given.text("expect");
  const wrong = (text: string): number => {
    context.log(`portico: ${text}`);
    return USAGE;
  };
  if (given.list("target").length > 0)
    return wrong(`${folder} is tested in the lab, and --target tests a running edge: write one of them.`);
  if (given.text("layers") !== undefined && given.text("description") !== undefined)
    return wrong(
      "--layers tests layers without a description; for its expectations write `--expect portico.yaml`.",
    );
  if (file === undefined)
    return wrong(
      `${folder} needs expectations: add --expect FILE, a YAML list of requests and their expected outcomes.`,
    );
  const { testLayers } = await import("../test-layers.ts");
  if (!given.flag("watch")) return testLayers(context, given, folder, file);
  const { watchAndTest } = await import("../watch.ts");
  const { dirname, resolve } = await import("node:path");
  const { folderOf } = await import("../input.ts");
  const folders = [...new Set([folderOf(context, folder), dirname(resolve(context.cwd, file))])];
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
  return watchAndTest(context, [folder], /\.(ya?ml|[cm]?[jt]s)$/, () => testDescription(context, given));
}

async function testDescription(context: CommandContext, given: Given): Promise<number> {
  const planned = await loadPlan(context, given);
  if (planned === undefined) return 2;
  const haproxy = await haproxyFor(context, given);
  if (haproxy === undefined) return 2;
  const coverage = await coverageAsked(given, planned);
  if (planned.plan.invariants.length === 0 && lacksExpectations(context, planned)) return 1;
  const began = performance.now();
  const { plan } = planned;
  const { invariantsOf } = await import("../invariants.ts");
  const invariants = await invariantsOf(planned);
  const use = async (lab: Lab): Promise<number> => {
    const { testInLab } = await import("../test-in-lab.ts");
    const { notRunOfDescription } = await import("../not-run.ts");
    const { quoted } = await import("../screens/expectation-text.ts");
    const named = given.text("description");
    return testInLab(context, lab, {
      name: plan.edge,
      expectations: plan.expectations,
      format: formatOf(given),
      haproxyVersion: haproxy.version,
      notRun: notRunOfDescription(lab, planned),
      plan,
      explained: named === undefined ? "" : ` ${quoted(named)}`,
      began,
      invariants,
      coverage,
    });
  };
  return withLab(context, plan, haproxy, use, trustOf(given));
}

async function coverageAsked(given: Given, planned: Planned): Promise<AskedCoverage | undefined> {
  const options = readCoverage(given);
  if ("problem" in options || !options.isAsked) return undefined;
  const { entrancesOfPlan } = await import("../locate-expectation.ts");
  const { spaceOfPlan } = await import("../space-input.ts");
  const input = await spaceOfPlan(planned);
  return { input, entrances: entrancesOfPlan(planned.plan), failUnder: options.failUnder };
}

async function testTargets(
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
