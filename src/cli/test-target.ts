// portico test --target: runs the expectations at a running edge, and reports what is not visible there.
import type { Target, TargetResult } from "../lab/target.ts";
import type { TargetEndpoints } from "../lab/target-endpoints.ts";
import type { TargetNames } from "../lab/target-names.ts";
import { type CommandContext, type Given, screenOf } from "./command.ts";
import { formatOf, printAnnotations, showFailure, showFindings } from "./findings-output.ts";
import type { Planned } from "./planned.ts";

/** The exit status: 0 when nothing that was compared differs. */
export async function testTarget(
  context: CommandContext,
  given: Given,
  planned: Planned,
  texts: readonly string[],
): Promise<number> {
  const { readTargets } = await import("../lab/target-names.ts");
  const names = readTargets(texts);
  if ("wrong" in names) {
    context.log(
      `portico: --target ${names.wrong} is invalid. Write https://address[:port], nodes=198.51.100.11,198.51.100.12, or cluster.`,
    );
    return 2;
  }
  const opened = await openTargetEndpoints(context, given, planned, names);
  if (opened === undefined) return 2;
  if (opened === "refused") return 1;
  const { openTarget } = await import("../lab/target.ts");
  let target: Target | undefined;
  const close = async () => {
    await target?.close();
    await opened.close();
  };
  const forget = context.onInterrupt(close);
  try {
    target = await openTarget(planned.plan, opened.endpoints, { sendWrites: given.flag("sendWrites") });
    return await runAndPrint(context, given, planned, target);
  } finally {
    forget();
    await close();
  }
}

interface OpenTarget {
  readonly endpoints: TargetEndpoints;
  readonly close: () => Promise<void>;
}

/** undefined when the cluster cannot be reached, `refused` when given nodes do not answer; the reason was printed. */
async function openTargetEndpoints(
  context: CommandContext,
  given: Given,
  { plan }: Planned,
  names: TargetNames,
): Promise<OpenTarget | "refused" | undefined> {
  const { endpointsByName } = await import("../lab/target-names.ts");
  const byName = endpointsByName(plan, names);
  if (!names.cluster) return { endpoints: byName, close: async () => undefined };
  const { openClusterEndpoints } = await import("../cluster/target.ts");
  const { value, findings } = await openClusterEndpoints(plan, {
    kubeconfig: context.env.KUBECONFIG,
    context: given.text("context"),
    ...(names.nodes.length === 0 ? {} : { nodes: names.nodes }),
  });
  if (value === undefined) {
    await showFailure(context, given, findings, new Map());
    return findings.some(({ code }) => code === "nodes-unreachable") ? "refused" : undefined;
  }
  await showFindings(context, findings, new Map());
  const named = names.loadBalancer.size > 0;
  const endpoints = named
    ? { ...value.endpoints, loadBalancer: names.loadBalancer, name: byName.name }
    : value.endpoints;
  return { endpoints, close: value.close };
}

async function runAndPrint(
  context: CommandContext,
  given: Given,
  planned: Planned,
  target: Target,
): Promise<number> {
  const { plan } = planned;
  const began = performance.now();
  const { runAtTarget } = await import("../lab/target.ts");
  const screens = await import("./screens/target-text.ts");
  const { urlWidthOf } = await import("./screens/expectation-text.ts");
  const { coloursOf, seconds } = await import("./screens/layout.ts");
  const format = formatOf(given);
  const screen = screenOf(context);
  const urlWidth = urlWidthOf(plan.expectations, context.width);
  const show = (result: TargetResult) => {
    context.print(screens.targetLine(result, urlWidth, screen));
    if (result.verdict === "failed") context.print(screens.targetFailure(result, screen));
  };
  const results = await runAtTarget(target, plan.expectations, format === "text" ? show : undefined);
  const tookMs = performance.now() - began;
  const { invariantsOf, settled } = await import("./invariants.ts");
  const asked = await invariantsOf(planned);
  const invariants = asked === undefined ? [] : settled(asked.input, asked.proven);
  if (format === "text") {
    if (asked !== undefined) {
      const { invariantsText, OF_DESCRIPTION } = await import("./screens/invariant-text.ts");
      context.print(`\n${OF_DESCRIPTION}${invariantsText(invariants, asked.input, screen)}`);
    }
    context.print(
      `\n${screens.tallyText(results, coloursOf(screen))}, at ${target.name} in ${seconds(tookMs)}`,
    );
  } else if (format === "github" || format === "sarif") {
    const { resultAnnotations } = await import("./screens/result-annotations.ts");
    const failed = results.filter(({ verdict }) => verdict === "failed");
    const annotations = resultAnnotations({ results: failed, health: [], notRun: [], invariants });
    await printAnnotations(context, format, annotations);
  } else {
    const { targetJunit, targetResultsJson } = await import("./screens/target-results.ts");
    const all = { results, invariants, tookMs };
    context.print(
      format === "junit" ? targetJunit(plan.edge, all) : targetResultsJson(plan.edge, target.name, all),
    );
  }
  const { nothingVerified } = await import("../cluster/nothing-verified.ts");
  const nothing = nothingVerified(results, { applied: false });
  if (nothing !== undefined) await showFindings(context, [nothing], new Map());
  const isProven = invariants.every(({ verdict }) => verdict === "proven");
  const isGood = nothing === undefined && isProven;
  return isGood && results.every(({ verdict }) => verdict !== "failed") ? 0 : 1;
}
