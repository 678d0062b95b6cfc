// Everything about a description: its plan, the layers that it renders to, and HAProxy's verdict on them, at the description's lines.

import { originOf } from "../emit/file.ts";
import { emitLayers } from "../emit/layers.ts";
import type { Finding } from "../findings/finding.ts";
import type { Haproxy } from "../haproxy/find.ts";
import { describedName } from "../plan/backend-plan.ts";
import type { Plan } from "../plan/plan.ts";
import { readWiring } from "../wiring/read-wiring.ts";
import type { Wiring } from "../wiring/wiring.ts";
import { type CheckedDescription, checkPlan, PLAN_RULES } from "./check-plan.ts";
import { withDescribed } from "./described-load-balancer.ts";
import { describedFinding } from "./described-places.ts";
import { groupsOf, keyOf, mergedFinding } from "./groups.ts";
import { checkWithHaproxy, withoutDuplicates } from "./haproxy/check-with-haproxy.ts";
import type { TrustOptions } from "./haproxy/validate-layer.ts";
import { findingsOf } from "./layers/check-layers.ts";
import { clientSides } from "./layers/haproxy-view.ts";
import { byWeightAndPlace } from "./order.ts";
import { rawOverrides } from "./raw-overrides.ts";
import { RULES } from "./rules/index.ts";

const RENDERED_RULES = RULES.filter(({ writtenByHand }) => writtenByHand !== true);

/** From the rules that check a description, without HAProxy's own check. */
export const RULE_COUNT = PLAN_RULES.length + RENDERED_RULES.length;

export interface CheckDescriptionOptions extends TrustOptions {
  /** Default: HAProxy itself is not run. */
  readonly haproxy?: Pick<Haproxy, "path" | "version">;
}

/**
 * Every finding: errors, warnings, notes, each in the order of the description; the same for the same description. One about a
 * rendered line is at the line of the description that decides it, with the rendered line after it. Throws where HAProxy cannot be run.
 */
export async function checkDescription(
  plan: Plan,
  description: CheckedDescription,
  { haproxy, ...options }: CheckDescriptionOptions = {},
): Promise<readonly Finding[]> {
  const files = emitLayers(plan);
  const read = await readWiring(files.map(({ path, content }) => ({ file: path, text: content })));
  const wiring = withDescribed(read, plan, description);
  const haproxyFindings =
    haproxy === undefined
      ? []
      : await checkWithHaproxy(wiring, haproxy, {
          ...options,
          lineOf: (place) => (originOf(files, place) ?? place).line,
        });
  // Values that depend on the account are variables of the Terraform module, by design.
  const ruleFindings = [
    ...findingsOf(wiring, RENDERED_RULES).filter(({ code }) => code !== "layer-not-understood"),
    ...rawOverrides(wiring, plan),
  ];
  const found = withoutDuplicates(ruleFindings, haproxyFindings).map((finding) =>
    describedFinding({ files, description }, finding),
  );
  return [...checkPlan(plan, description), ...oncePerValue(wiring, plan, found)].sort(byWeightAndPlace);
}

/**
 * One value of the description is a rendered line in each frontend, and in each variant of a backend, whose name is in the text: one
 * finding, with the lines of all.
 * HAProxy's own messages have such names between other words.
 */
function oncePerValue(wiring: Wiring, plan: Plan, found: readonly Finding[]): readonly Finding[] {
  const frontends = new Set(clientSides(wiring).map(({ proxy }) => proxy.name));
  const groups = groupsOf(found, ({ code, what, remedy, at: [first] }) => {
    const isOfHaproxy = code === "haproxy-refuses" || code === "haproxy-warns";
    const fault = isOfHaproxy
      ? what.replace(/'[^']*'/g, "")
      : what.replace(/`([^`]*)`/g, (_, name: string) =>
          frontends.has(name) ? "" : `\`${describedName(plan.backends, name)}\``,
        );
    return JSON.stringify([code, fault, isOfHaproxy || remedy, first && keyOf(first)]);
  });
  return groups.map(mergedFinding);
}
