// portico deploy: shows what will change in the cluster, requests confirmation, applies, waits, verifies, and rolls back on failure.
import { hostname, userInfo } from "node:os";
import type { Cluster } from "../../cluster/connect.ts";
import type { DeployOptions, DeployRequest, DeployRun, Survey } from "../../cluster/deploy.ts";
import type { Rendered } from "../../cluster/rendered.ts";
import { DURATION, parseDurationMs } from "../../description/text.ts";
import type { Finding } from "../../findings/finding.ts";
import type { BehaviourResult } from "../behaviour-changes.ts";
import { type CommandContext, type CommandSpec, type Given, screenOf } from "../command.ts";
import type { Confirmation } from "../confirmation.ts";
import { showFailure, showFindings } from "../findings-output.ts";
import { type Planned, tryPlan } from "../planned.ts";
import { progressLine } from "../progress-line.ts";
import { imageState, type PublishOptions, publishImage, publishingFindings } from "../publish-image.ts";
import type { DeployInvariants, DeployReport } from "../screens/deploy-json.ts";
import { TRUST, trustOf } from "../trust.ts";

const CLEAN = 0;
const FOUND = 1;
const USAGE = 2;
/** The shell's convention for Ctrl-C. */
const INTERRUPTED = 130;

export const deployCommand: CommandSpec = {
  name: "deploy",
  arguments: "[description]",
  summary: "deploy the edge to a cluster, and verify that it works there",
  options: [
    { flags: "--context <name>", about: "the kubeconfig context; default the current one" },
    { flags: "-y, --yes", about: "do not ask for confirmation" },
    { flags: "--dry-run", about: "show what would change, without changing anything" },
    { flags: "--force", about: "take over fields that another manager has set" },
    { flags: "--no-rollback", about: "do not roll back on failure" },
    { flags: "--no-build", about: "do not build the image: the nodes can already pull it" },
    { flags: "--image <reference>", about: "run this image instead of building the edge's own" },
    {
      flags: "--load <command>",
      about:
        "a command that loads the image instead of a push; gets the image's name (`kind load docker-image`)",
    },
    { flags: "--nodes <addresses>", about: "verify through these addresses instead of the nodes' own" },
    { flags: "--send-writes", about: "also send requests that may change something at a backend" },
    {
      flags: "--timeout <duration>",
      about: "how long a rollout may go without a new ready pod; default 5m",
    },
    { flags: "--haproxy <path>", about: "the HAProxy that computes what changes for requests" },
    TRUST,
    { flags: "--json", about: "print what was done as JSON" },
  ],
  examples: [
    "portico deploy",
    "portico deploy --context prod --dry-run",
    "portico deploy examples/elb-classic --yes --load 'kind load docker-image'",
  ],
  async run(context, given) {
    const began = performance.now();
    const planned = await loadChecked(context, given);
    if (typeof planned === "number") return planned;
    const timeoutMs = timeoutOf(context, given);
    if (timeoutMs === undefined) return USAGE;
    const invariants = await invariantsIn(planned);
    if (invariants.results.some(({ verdict }) => verdict === "violated")) {
      await report(context, given, planned, { findings: [], invariants });
      return FOUND;
    }
    const { connectCluster } = await import("../../cluster/connect.ts");
    const cluster = await connectCluster({
      context: given.text("context"),
      kubeconfig: context.env.KUBECONFIG,
    });
    if (cluster.value === undefined) {
      await report(context, given, planned, { findings: cluster.findings, invariants });
      return USAGE;
    }
    return deployTo(context, given, { ...planned, invariants }, cluster.value, { began, timeoutMs });
  },
};

interface Proven extends Planned {
  readonly invariants: DeployInvariants;
}

async function invariantsIn(planned: Planned): Promise<DeployInvariants> {
  const { invariantsOf, settled } = await import("../invariants.ts");
  const asked = await invariantsOf(planned);
  return { input: asked?.input, results: asked === undefined ? [] : settled(asked.input, asked.proven) };
}

interface Timing {
  readonly began: number;
  readonly timeoutMs: number;
}

async function deployTo(
  context: CommandContext,
  given: Given,
  planned: Proven,
  cluster: Cluster,
  timing: Timing,
): Promise<number> {
  const attempt = await prepare(context, given, planned, cluster);
  const { survey, result } = attempt;
  const stopped = survey.findings.some(isError);
  const failing = (result?.behaviour?.after ?? []).some(({ differences }) => differences.length > 0);
  if (stopped || failing || given.flag("dryRun")) {
    await report(context, given, planned, { findings: survey.findings, ...attempt });
    return stopped || failing ? FOUND : CLEAN;
  }
  if (!given.flag("json")) await showFindings(context, survey.findings, new Map());
  const confirmation = await confirm(context, given);
  if (confirmation === "no-terminal") return USAGE;
  if (confirmation === "yes") return apply(context, given, planned, attempt, timing);
  // An unanswered question has no line end.
  context.log(`${confirmation === "no" ? "" : "\n"}Nothing was changed.`);
  return confirmation === "interrupted" ? INTERRUPTED : FOUND;
}

function isError({ severity }: Finding): boolean {
  return severity === "error";
}

/** Everything known before the deploy changes anything. */
interface Attempt {
  readonly invariants: DeployInvariants;
  readonly cluster: Cluster;
  readonly rendered: Rendered;
  readonly wish: DeployRequest;
  readonly publish: PublishOptions;
  readonly survey: Survey;
  readonly result?: BehaviourResult;
}

async function prepare(
  context: CommandContext,
  given: Given,
  planned: Proven,
  cluster: Cluster,
): Promise<Attempt> {
  const { plan, invariants } = planned;
  const { renderForCluster } = await import("../../cluster/rendered.ts");
  const { surveyDeploy } = await import("../../cluster/deploy.ts");
  const rendered = renderForCluster(plan, given.text("image"));
  const wish = { plan, objects: rendered.objects, force: given.flag("force") };
  const surveyed = await surveyDeploy(cluster.api, wish);
  const load = given.text("load");
  const publish = { build: given.flag("build"), ...(load === undefined ? {} : { load }) };
  const findings = [...surveyed.findings, ...publishingFindings(rendered.image, publish)];
  const attempt = { cluster, invariants, rendered, wish, publish, survey: { ...surveyed, findings } };
  if (!given.flag("json")) await printSurvey(context, given, planned, cluster, rendered, surveyed);
  // A missing image alone does not prevent the comparison.
  if (surveyed.findings.some(isError)) return attempt;
  return { ...attempt, result: await showBehaviour(context, given, plan, cluster, rendered) };
}

async function apply(
  context: CommandContext,
  given: Given,
  planned: Proven,
  attempt: Attempt,
  { began, timeoutMs }: Timing,
): Promise<number> {
  const { cluster, rendered, wish, publish, survey } = attempt;
  const { beginRun, runDeploy } = await import("../../cluster/deploy.ts");
  const { eventText } = await import("../screens/deploy-text.ts");
  const course = beginRun();
  const forget = context.onInterrupt(() => interrupted(context, course));
  const progress = progressLine(context);
  try {
    if (!(await publishImage(context, rendered.image, publish))) return FOUND;
    const outcome = await runDeploy(
      cluster.api,
      wish,
      survey,
      deployOptions(given, timeoutMs),
      (event) => progress.show(eventText(event)),
      course,
    );
    progress.clear();
    const tookMs = performance.now() - began;
    await report(context, given, planned, { findings: outcome.findings, ...attempt, outcome, tookMs });
    return outcome.state === "done" ? CLEAN : FOUND;
  } finally {
    progress.clear();
    forget();
  }
}

function deployOptions(given: Given, timeoutMs: number): DeployOptions {
  const nodes = given.text("nodes")?.split(",");
  return {
    holder: `${userInfo().username}@${hostname()} (pid ${process.pid})`,
    force: given.flag("force"),
    rollback: given.flag("rollback"),
    timeoutMs,
    sendWrites: given.flag("sendWrites"),
    ...(nodes === undefined ? {} : { nodes }),
  };
}

/** The exit status when there are errors, which were shown. */
async function loadChecked(context: CommandContext, given: Given): Promise<Planned | number> {
  const { value, findings, sources } = await tryPlan(context, given.text("description"));
  const all = value === undefined ? findings : [...findings, ...(await checked(context, given, value))];
  const errors = all.filter(({ severity }) => severity === "error");
  if (value !== undefined && errors.length === 0) return value;
  await showFailure(context, given, errors, sources);
  return value === undefined ? USAGE : FOUND;
}

/** As in `portico check`, with HAProxy's own verdict where it is installed. */
async function checked(
  context: CommandContext,
  given: Given,
  { plan, description }: Planned,
): Promise<readonly Finding[]> {
  const { checkDescription } = await import("../../check/check-description.ts");
  const { findHaproxy } = await import("../../haproxy/find.ts");
  const { value: haproxy } = await findHaproxy({ env: context.env, path: given.text("haproxy") });
  return checkDescription(plan, description, haproxy === undefined ? {} : { haproxy, ...trustOf(given) });
}

function timeoutOf(context: CommandContext, given: Given): number | undefined {
  const text = given.text("timeout") ?? "5m";
  const timeoutMs = DURATION.test(text) ? parseDurationMs(text) : 0;
  if (timeoutMs > 0) return timeoutMs;
  context.log(`portico: --timeout ${text} is not a valid duration. Write 90s or 5m.`);
  return undefined;
}

async function printSurvey(
  context: CommandContext,
  given: Given,
  { plan, invariants }: Proven,
  { api }: Cluster,
  { image }: Rendered,
  { changes, findings }: Survey,
): Promise<void> {
  const { changeLines, deployInvariantLines, row } = await import("../screens/deploy-text.ts");
  const screen = screenOf(context);
  context.print(`${plan.edge} → context ${api.context}, namespace ${plan.namespace}\n`);
  const state = await imageState(context, image, { build: given.flag("build") });
  context.print(row("image", [`${image.reference}  ${state}`.trimEnd()], screen));
  if (invariants.results.length > 0)
    context.print(row("invariants", deployInvariantLines(invariants), screen));
  const known = !findings.some(({ severity }) => severity === "error");
  // Refused objects are not in the changes: "nothing" would be wrong.
  if (known ? changes.length > 0 : changes.some(({ change }) => change !== "unchanged"))
    context.print(row("will change", changeLines(changes), screen));
}

async function showBehaviour(
  context: CommandContext,
  given: Given,
  plan: Planned["plan"],
  cluster: Cluster,
  rendered: Rendered,
): Promise<BehaviourResult> {
  const { behaviourOf } = await import("../behaviour-changes.ts");
  const result = await behaviourOf(context, plan, cluster, rendered, given.text("haproxy"), trustOf(given));
  if (given.flag("json")) return result;
  const { behaviourLines } = await import("../screens/behaviour-text.ts");
  const { row } = await import("../screens/deploy-text.ts");
  const screen = screenOf(context);
  context.print(row("behaviour", behaviourLines(result, screen), screen));
  return result;
}

async function confirm(context: CommandContext, given: Given): Promise<Confirmation | "no-terminal"> {
  if (given.flag("yes")) return "yes";
  if (process.stdin.isTTY !== true || !context.terminal.err || given.flag("json")) {
    context.log(
      "portico: standard input is not a terminal. Write --yes to apply, or --dry-run to see the changes.",
    );
    return "no-terminal";
  }
  const { askConfirmation } = await import("../confirmation.ts");
  return askConfirmation(process.stdin, process.stderr);
}

async function report(
  context: CommandContext,
  given: Given,
  planned: Planned,
  all: DeployReport,
): Promise<void> {
  const screens = await import("../screens/deploy-text.ts");
  if (given.flag("json")) {
    const { deployJson } = await import("../screens/deploy-json.ts");
    return context.print(deployJson(planned.plan, all));
  }
  const screen = screenOf(context);
  if (all.survey === undefined && all.invariants.input !== undefined && all.findings.length === 0) {
    const { invariantsText } = await import("../screens/invariant-text.ts");
    context.log(
      `${invariantsText(all.invariants.results, all.invariants.input, screen).trimStart()}\nNothing was changed.`,
    );
  }
  if (all.outcome !== undefined)
    for (const line of screens.outcomeLines(all.outcome, screen)) context.print(line);
  await showFindings(context, all.findings, new Map());
  if (all.outcome !== undefined) context.print(`\n${screens.verdictText(all.outcome, all.tookMs ?? 0)}`);
}

/** After Ctrl-C: reports the state, and releases the lease for the next deploy. */
async function interrupted(context: CommandContext, course: DeployRun): Promise<void> {
  const { interruptText } = await import("../screens/deploy-text.ts");
  context.log(`\n${interruptText(course)}`);
  await course.release();
}
