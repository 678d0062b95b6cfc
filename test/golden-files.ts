// The result of a golden case: the plan, every rendered file, and the findings as text, by path below its folder.
import { basename } from "node:path";
import { checkDescription } from "../src/check/check-description.ts";
import { loadDescription } from "../src/description/load.ts";
import { emitLayers } from "../src/emit/layers.ts";
import type { Finding } from "../src/findings/finding.ts";
import { renderText } from "../src/findings/render-text.ts";
import type { Plan } from "../src/plan/plan.ts";
import { planEdge } from "../src/plan/plan-edge.ts";
import { planJson } from "../src/plan/plan-json.ts";

export const DESCRIPTION = "description.yaml";

/** The layers of every case; cases about image, objects and cloud include those layers too. */
const LAYERS_OF_ALL = /^haproxy\//;
const LAYERS_OF_OBJECTS = /^(haproxy|image|kubernetes)\//;
const LAYERS_OF_CLOUD = /^(haproxy|kubernetes|cloud)\//;

/** The cases that include the plan, which is long; in other cases the rendered files show it. */
const WITH_PLAN: readonly string[] = [
  "cloud-nlb-everything",
  "kubernetes-everything",
  "kubernetes-service-azure",
  "servers-tls",
  "smallest",
];

export interface GoldenCase {
  /** null where the description is refused. */
  readonly plan: Plan | null;
  readonly findings: readonly Finding[];
  /** Text by path, without the description. */
  readonly files: ReadonlyMap<string, string>;
}

/** Loads, plans, emits and checks the description in a folder. */
export async function goldenCase(folder: string): Promise<GoldenCase> {
  const { value: description, findings, sources } = await loadDescription(DESCRIPTION, { cwd: folder });
  const planned =
    description === undefined ? { findings: [] } : planEdge(description.edge, description.positionOf);
  const plan = planned.value ?? null;
  const checked = plan === null || description === undefined ? [] : await checkDescription(plan, description);
  const all = [...findings, ...planned.findings, ...checked];
  const layers = layersOf(basename(folder));
  const files = new Map(
    plan === null
      ? []
      : emitLayers(plan)
          .filter(({ path }) => layers.test(path))
          .map(({ path, content }) => [path, content] as const),
  );
  if (plan !== null && WITH_PLAN.includes(basename(folder)))
    files.set("plan.json", `${JSON.stringify(planJson(plan), null, 2)}\n`);
  if (all.length > 0)
    files.set("findings.txt", renderText(all, { sources, width: 100, limit: Number.POSITIVE_INFINITY }));
  return { plan, findings: all, files };
}

function layersOf(name: string): RegExp {
  if (name.startsWith("cloud-")) return LAYERS_OF_CLOUD;
  return /^(kubernetes|image)-/.test(name) ? LAYERS_OF_OBJECTS : LAYERS_OF_ALL;
}
