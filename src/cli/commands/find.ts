// portico find: which requests have an outcome, for all requests, or the proof that none has.
import type { Found } from "../../space/find-regions.ts";
import { type CommandContext, type CommandSpec, type Given, screenOf } from "../command.ts";
import type { Confirmation } from "../confirm-regions.ts";
import { QUERY_OPTIONS } from "../query-options.ts";
import type { AskedQuery } from "../read-query.ts";
import { LAYERS, loadSpace, type SpaceInput } from "../space-input.ts";
import { TRUST } from "../trust.ts";
import { VERBOSE } from "../verbose.ts";
import { HAPROXY, haproxyFor } from "../with-lab.ts";

const USAGE = 2;
const DEFECT = 3;

export const findCommand: CommandSpec = {
  name: "find",
  arguments: "[description]",
  summary: "find all requests that have an outcome, or prove that there are none",
  options: [
    ...QUERY_OPTIONS,
    LAYERS,
    { flags: "--confirm", about: "send the request of each region to HAProxy, and show its answer" },
    HAPROXY,
    TRUST,
    VERBOSE,
    { flags: "--json", about: "the regions as JSON" },
  ],
  examples: [
    "portico find --backend admin --from 'not 198.51.100.0/24'",
    "portico find --status 200 --path /metrics",
    "portico find haproxy.cfg --no-route --confirm",
    "portico find --layers deploy/ --reaches-line deploy/haproxy.cfg:41",
  ],
  async run(context, given) {
    const input = await loadSpace(context, given);
    if (input === undefined) return USAGE;
    const { readQuery } = await import("../read-query.ts");
    const query = readQuery(given);
    if ("problem" in query) return wrong(context, query.problem);
    const found = await findIn(input, query);
    if ("problem" in found) return wrong(context, found.problem);
    const { foundText } = await import("../screens/found-text.ts");
    const { foundJson } = await import("../screens/found-json.ts");
    const confirmation = given.flag("confirm") ? await confirmed(context, given, input, found) : undefined;
    if (confirmation === "not-run") return USAGE;
    const shown = { input, query, found, confirmation };
    context.print(given.flag("json") ? foundJson(shown) : foundText(shown, screenOf(context)));
    const differs = [...(confirmation?.byRegion.values() ?? [])].some(
      (one) => "agrees" in one && !one.agrees,
    );
    return differs && confirmation?.isWhole === true ? DEFECT : 0;
  },
};

/** `not-run`: there is no HAProxy, or it refuses the configuration; the reason was printed. */
async function confirmed(
  context: CommandContext,
  given: Given,
  input: SpaceInput,
  { regions }: Found,
): Promise<Confirmation | "not-run"> {
  const { confirmRegions } = await import("../confirm-regions.ts");
  const { showRefusal } = await import("../haproxy-refusal.ts");
  const { testedHaproxy } = await import("../../lab/entrances.ts");
  const haproxy = await haproxyFor(context, given);
  if (haproxy === undefined) return "not-run";
  try {
    return await confirmRegions(context, given, { input, haproxy }, regions);
  } catch (error) {
    const { source: wiring } = input;
    const layer = "edge" in wiring ? undefined : testedHaproxy(wiring);
    if ("edge" in wiring || layer === undefined) throw error;
    await showRefusal(context, given, error, { haproxy, layer, wiring });
    return "not-run";
  }
}

function wrong(context: CommandContext, problem: string): number {
  context.log(`portico find: ${problem}`);
  return USAGE;
}

/** `problem`: no request can have what is looked for, because it is written wrongly. */
async function findIn(input: SpaceInput, query: AskedQuery): Promise<Found | { readonly problem: string }> {
  const { findQuestion, ImpossibleQuery } = await import("../../space/query.ts");
  const { findRegions, hasRule } = await import("../../space/find-regions.ts");
  const { program, dimensions, formulas } = input;
  const { line } = query;
  const isAt = ({ at }: { readonly at: Parameters<typeof isPlace>[0] }) =>
    line !== undefined && isPlace(at, line);
  if (line !== undefined && !hasRule(program, isAt))
    return {
      problem: `No rule that decides an answer is at ${line.file}:${line.line}. Rules that only change a request or a response, and lines that other lines refer to, decide none.`,
    };
  try {
    const question = findQuestion(query, dimensions, formulas);
    const through = line === undefined ? question : { ...question, throughRule: isAt };
    return findRegions(program, through, { formulas });
  } catch (error) {
    if (error instanceof ImpossibleQuery) return { problem: error.why };
    throw error;
  }
}

function isPlace(
  at: { readonly file: string; readonly line: number } | undefined,
  { file, line }: NonNullable<AskedQuery["line"]>,
): boolean {
  if (at === undefined || at.line !== line) return false;
  const written = file.replace(/^\.\//, "");
  return at.file === written || at.file.endsWith(`/${written}`);
}
