// Layers held against the plan they were rendered from: read back by somebody who does not know how they were written.
import type { Finding, Position } from "../../findings/finding.ts";
import type { Plan } from "../../plan/plan.ts";
import type { Wiring } from "../../wiring/wiring.ts";
import { byWeightAndPlace } from "../order.ts";
import { cloudFacts } from "./cloud-facts.ts";
import type { Described } from "./described.ts";
import type { Fact } from "./fact.ts";
import { haproxyFacts } from "./haproxy-facts.ts";
import { healthFacts } from "./health-facts.ts";
import { imageFacts } from "./image-facts.ts";
import { kubernetesFacts } from "./kubernetes-facts.ts";
import { objectFacts } from "./object-facts.ts";
import { podFacts } from "./pod-facts.ts";

/** Every decision of the plan that a layer does not keep; with the description, its place is named next to the file's. */
export function checkKept(plan: Plan, wiring: Wiring, described?: Described): readonly Finding[] {
  const facts = [
    cloudFacts,
    objectFacts,
    kubernetesFacts,
    podFacts,
    imageFacts,
    haproxyFacts,
    healthFacts,
  ].flatMap((factsOf) => factsOf(plan, wiring));
  return facts
    .filter(({ planned, found }) => planned !== found)
    .map((one) => differs(one, wiring, described))
    .sort(byWeightAndPlace);
}

function differs({ what, planned, found, at }: Fact, wiring: Wiring, described?: Described): Finding {
  return {
    code: "layer-differs-from-plan",
    severity: "error",
    what: `${what}: planned ${planned}, ${found === null ? "and no layer says it" : `and here ${found}`}`,
    why: "The layers were planned to agree; one that says something else breaks what the others count on.",
    remedy: "Render again; what must be otherwise belongs into the description.",
    at: [
      ...(at === null ? [] : [at]),
      ...(described === undefined ? [] : [describedAt(at, wiring, described)]),
    ],
  };
}

/** By the section that the line is in, and else by the layer. */
function describedAt(at: Position | null, { files }: Wiring, described: Described): Position {
  const text = files.find(({ file }) => file === at?.file)?.text;
  const path = /(?:^|\/)((?:haproxy|image|kubernetes|cloud)\/.*)$/.exec(at?.file ?? "")?.[1] ?? "";
  if (at === null || text === undefined) return described(path);
  return described(path, { text, line: at.line, lines: text.split("\n").slice(at.line - 1, at.line) });
}
