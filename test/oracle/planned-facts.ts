// A second opinion on rendered layers: compares the plan's decisions with the wiring, independently of the emitters.
import type { Position } from "../../src/findings/finding.ts";
import type { Plan } from "../../src/plan/plan.ts";
import type { Wiring } from "../../src/wiring/wiring.ts";
import { cloudFacts } from "./cloud-facts.ts";
import { haproxyFacts } from "./haproxy-facts.ts";
import { healthFacts } from "./health-facts.ts";
import { imageFacts } from "./image-facts.ts";
import { kubernetesFacts } from "./kubernetes-facts.ts";
import { objectFacts } from "./object-facts.ts";
import { podFacts } from "./pod-facts.ts";
import { terraformFacts } from "./terraform-facts.ts";

export interface Contradiction {
  /** `node port of https: planned 31001, found 31002` */
  readonly what: string;
  readonly at: Position | undefined;
}

/** Every decision of the plan that a layer contradicts. */
export function contradictions(plan: Plan, wiring: Wiring): readonly Contradiction[] {
  const facts = [
    cloudFacts,
    objectFacts,
    kubernetesFacts,
    podFacts,
    imageFacts,
    haproxyFacts,
    healthFacts,
    terraformFacts,
  ].flatMap((factsOf) => factsOf(plan, wiring));
  return facts
    .filter(({ planned, found }) => planned !== found)
    .map(({ what, planned, found, at }) => ({
      what: `${what}: planned ${planned}, ${found === null ? "not found" : `found ${found}`}`,
      at,
    }));
}
