// What a question about all requests is about: a description, layers, or one haproxy.cfg, as a program.
import type { Position } from "../findings/finding.ts";
import type { Formulas } from "../space/formula.ts";
import type { Program } from "../space/program.ts";
import type { QueryDimensions } from "../space/query.ts";
import type { Wiring } from "../wiring/wiring.ts";
import type { CommandContext, Given } from "./command.ts";
import { loadPlan, type Planned } from "./planned.ts";

export interface SpaceInput {
  /** What requests can be sent to. */
  readonly source: Planned["plan"] | Wiring;
  /** As the user names it. */
  readonly name: string;
  readonly formulas: Formulas;
  readonly program: Program;
  readonly dimensions: QueryDimensions;
  /** What is not part of the program, and may change answers. */
  readonly notExamined: readonly { readonly text: string; readonly at: Position | undefined }[];
}

export const LAYERS = {
  flags: "--layers <dir>",
  about: "read the layers in this folder, or one haproxy.cfg, instead of a description",
} as const;

/** undefined: it cannot be read, and the reason was printed. */
export async function loadSpace(context: CommandContext, given: Given): Promise<SpaceInput | undefined> {
  const layers = given.text("layers");
  const named = given.text("description");
  if (layers !== undefined && named !== undefined) {
    context.log("portico: name a description or --layers, not both.");
    return undefined;
  }
  if (layers !== undefined) return spaceIn(context, layers);
  const { inputOf } = await import("./input.ts");
  const input = inputOf(context.cwd, named);
  if (input.kind === "haproxy") return spaceIn(context, input.file);
  const planned = await loadPlan(context, given);
  return planned && spaceOfPlan(planned);
}

export async function spaceOfPlan({
  plan,
  description,
}: Pick<Planned, "plan" | "description">): Promise<SpaceInput> {
  const { evaluatePlan } = await import("../space/plan/evaluate-plan.ts");
  const { planQueryDimensions } = await import("../space/plan/plan-query.ts");
  const { Formulas } = await import("../space/formula.ts");
  const formulas = new Formulas();
  const program = evaluatePlan(plan, { formulas, paths: plan.paths });
  const dimensions = planQueryDimensions(plan);
  const notExamined = program.unexamined;
  return { source: plan, name: description.file, formulas, program, dimensions, notExamined };
}

async function spaceIn(context: CommandContext, folder: string): Promise<SpaceInput | undefined> {
  const { readLayers } = await import("../wiring/read-layers.ts");
  const { readWiring } = await import("../wiring/read-wiring.ts");
  const { files, leftOut } = await readLayers(folder, { cwd: context.cwd });
  return spaceOfWiring(context, folder, await readWiring(files, leftOut));
}

/** Of the HAProxy that most paths of the layers lead to. */
export async function spaceOfWiring(
  context: CommandContext,
  name: string,
  wiring: Wiring,
): Promise<SpaceInput | undefined> {
  const { testedHaproxy } = await import("../lab/entrances.ts");
  const { evaluateHaproxy, inputOf } = await import("../space/haproxy/evaluate-haproxy.ts");
  const { answersUnexamined } = await import("../space/program.ts");
  const { haproxyQueryDimensions } = await import("../space/haproxy/haproxy-query.ts");
  const layer = testedHaproxy(wiring);
  if (layer === undefined || layer.wiring.proxies.every(({ binds }) => binds.length === 0)) {
    context.log(`portico: ${name} has no HAProxy configuration with a bind that requests can enter at.`);
    for (const { what, at } of wiring.leftOut) context.log(`${at.file}:${at.line}: ${what}`);
    return undefined;
  }
  const { Formulas } = await import("../space/formula.ts");
  const formulas = new Formulas();
  const program = evaluateHaproxy(inputOf(layer), formulas);
  return {
    source: wiring,
    name,
    formulas,
    program,
    dimensions: haproxyQueryDimensions(layer, wiring),
    notExamined: [
      ...answersUnexamined(program),
      ...wiring.haproxies
        .filter((other) => other !== layer && wiring.trafficPaths.some(({ haproxy }) => haproxy === other))
        .map((other) => ({ text: "another HAProxy", at: { file: other.config.file, line: 1, column: 1 } })),
      ...wiring.leftOut
        .filter(({ severity }) => severity === "error")
        .map(({ what, at }) => ({ text: what, at })),
    ],
  };
}
