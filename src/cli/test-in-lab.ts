// Runs expectations in an open lab and prints the results: what `portico test` does with a description and with layers.
import type { ExpectationResult } from "../lab/expectation.ts";
import type { LayersLab } from "../lab/layers-lab.ts";
import type { NotRun } from "../lab/not-run.ts";
import type { ExpectationPlan } from "../plan/expectation-plan.ts";
import type { Plan } from "../plan/plan.ts";
import { type CommandContext, screenOf } from "./command.ts";
import type { Coverage } from "./coverage.ts";
import type { AskedCoverage } from "./coverage-options.ts";
import { type Format, printAnnotations } from "./findings-output.ts";
import type { InvariantResult, ProvenInvariant } from "./invariants.ts";
import type { SpaceInput } from "./space-input.ts";

export interface LabTest {
  /** The edge, in JSON and JUnit. */
  readonly name: string;
  readonly expectations: readonly ExpectationPlan[];
  readonly format: Format;
  readonly haproxyVersion: string;
  readonly notRun: readonly NotRun[];
  /** Its model explains failures; undefined for hand-written layers, whose paths are printed first. */
  readonly plan: Plan | undefined;
  /** The layers as the user wrote them: arguments of `portico explain`. */
  readonly explained: string;
  /** On the clock of `performance.now()`. */
  readonly began: number;
  readonly invariants?:
    | { readonly input: SpaceInput; readonly proven: readonly ProvenInvariant[] }
    | undefined;
  readonly coverage?: AskedCoverage | undefined;
}

/** The exit status: 0 as expected, 1 not, or where a line that was not run may change an answer. */
export async function testInLab(context: CommandContext, lab: LayersLab, test: LabTest): Promise<number> {
  const { format, plan, notRun } = test;
  const { runExpectations } = await import("../lab/expectation.ts");
  const { decidesAnswers } = await import("../lab/not-run.ts");
  const { pathsText, healthLine } = await import("./screens/paths-text.ts");
  const { notRunLines } = await import("./screens/not-run-text.ts");
  const screen = screenOf(context);
  const intro = [...(plan === undefined ? [pathsText(lab, screen)] : []), ...notRunLines(notRun)];
  if (format === "text" && intro.length > 0) context.print(`${intro.join("\n")}\n`);
  const onResult = format === "text" ? await linePrinter(context, test) : undefined;
  const results = await runExpectations(lab, test.expectations, onResult);
  const unhealthy = lab.health.filter(({ healthy }) => !healthy);
  if (format === "text" && plan !== undefined)
    for (const report of unhealthy) context.print(healthLine(report, screen));
  const invariants = await invariantResults(lab, test);
  const coverage = test.coverage && (await measured(test.coverage, results));
  await printResults(context, lab, test, { results, invariants, coverage });
  const isEnough = coverage === undefined || (await isCovered(context, coverage, test.coverage?.failUnder));
  const good = unhealthy.length === 0 && !notRun.some(decidesAnswers);
  const proven = invariants.every(({ verdict }) => verdict === "proven");
  return good && proven && isEnough && results.every(({ differences }) => differences.length === 0) ? 0 : 1;
}

async function measured(
  { input, entrances }: AskedCoverage,
  results: readonly ExpectationResult[],
): Promise<Coverage> {
  const { coverageOf, measuredIn } = await import("./coverage.ts");
  return coverageOf(measuredIn(input, entrances), results);
}

/** Whether the coverage reaches this percentage; prints a message otherwise. */
async function isCovered(
  context: CommandContext,
  coverage: Coverage,
  failUnder: number | undefined,
): Promise<boolean> {
  const { shareOf, percentOf } = await import("./coverage.ts");
  if (failUnder === undefined || shareOf(coverage) * 100 >= failUnder) return true;
  context.log(`portico test: the coverage is ${percentOf(coverage)} %, and --fail-under is ${failUnder}.`);
  return false;
}

async function invariantResults(
  lab: LayersLab,
  { invariants }: LabTest,
): Promise<readonly InvariantResult[]> {
  if (invariants === undefined) return [];
  const { confirmedIn } = await import("./invariants.ts");
  return confirmedIn(lab, invariants.input, invariants.proven);
}

/** Prints each result immediately. */
async function linePrinter(
  context: CommandContext,
  { plan, expectations, explained }: LabTest,
): Promise<(result: ExpectationResult) => void> {
  const { resultLine, failureText, urlWidthOf, explainCommand } = await import(
    "./screens/expectation-text.ts"
  );
  const { queryModelOf, rawLinesOf } = await import("../lab/query-model.ts");
  const screen = screenOf(context);
  const urlWidth = urlWidthOf(expectations, context.width);
  return (result) => {
    context.print(resultLine(result, urlWidth, screen));
    if (result.differences.length === 0) return;
    const see = explainCommand(result.expectation, explained);
    context.print(
      plan === undefined
        ? failureText(result, null, screen, see)
        : failureText(result, queryModelOf(plan, result), screen, see, rawLinesOf(plan, result)),
    );
  };
}

interface TestResults {
  readonly results: readonly ExpectationResult[];
  readonly invariants: readonly InvariantResult[];
  readonly coverage: Coverage | undefined;
}

async function printResults(
  context: CommandContext,
  lab: LayersLab,
  { name, format, haproxyVersion, notRun, plan, began, invariants: given }: LabTest,
  { results, invariants, coverage }: TestResults,
): Promise<void> {
  const tookMs = performance.now() - began;
  const { summaryLine } = await import("./screens/expectation-text.ts");
  const { coloursOf } = await import("./screens/layout.ts");
  const { junitText, resultsJson, invariantJson } = await import("./screens/results.ts");
  const { coverageText, coverageSummary, coverageJson } = await import("./screens/coverage-text.ts");
  const { pathsJson } = await import("./screens/paths-text.ts");
  if (format === "text") {
    const colours = coloursOf(screenOf(context));
    if (given !== undefined) {
      const { invariantsText } = await import("./screens/invariant-text.ts");
      context.print(invariantsText(invariants, given.input, screenOf(context)));
    }
    if (coverage !== undefined) context.print(coverageText(coverage, screenOf(context)));
    if (results.length > 0 || given === undefined) {
      const summary = summaryLine(results, tookMs, haproxyVersion, colours, notRun);
      context.print(`\n${summary}${coverage === undefined ? "" : `, ${coverageSummary(coverage)}`}`);
    }
    return;
  }
  const health = plan === undefined ? lab.health : lab.health.filter(({ healthy }) => !healthy);
  if (format === "github" || format === "sarif") {
    const { resultAnnotations } = await import("./screens/result-annotations.ts");
    return printAnnotations(context, format, resultAnnotations({ results, health, notRun, invariants }));
  }
  context.print(
    format === "junit"
      ? junitText(name, results, tookMs, { health, notRun, invariants })
      : resultsJson(name, results, haproxyVersion, tookMs, {
          ...pathsJson(lab),
          notRun,
          ...(given !== undefined && { invariants: invariants.map(invariantJson) }),
          ...(coverage !== undefined && { coverage: coverageJson(coverage) }),
        }),
  );
}
