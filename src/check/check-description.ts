// Everything about a description: its plan, the layers that it renders to, and HAProxy's verdict on them, at the description's lines.

import { originOf } from "../emit/file.ts";
import { emitLayers } from "../emit/layers.ts";
import type { Finding } from "../findings/finding.ts";
import type { Haproxy } from "../haproxy/find.ts";
import type { Plan } from "../plan/plan.ts";
import { readWiring } from "../wiring/read-wiring.ts";
import { type CheckedDescription, checkPlan, PLAN_RULES } from "./check-plan.ts";
import { withDescribed } from "./described-load-balancer.ts";
import { describedFinding } from "./described-places.ts";
import { onceEach } from "./groups.ts";
import type { TrustOptions } from "./haproxy/ask-haproxy.ts";
import { checkWithHaproxy, withoutEchoes } from "./haproxy/check-with-haproxy.ts";
import { judge } from "./layers/check-layers.ts";
import { byWeightAndPlace } from "./order.ts";
import { RULES } from "./rules/index.ts";

/** From the rules that check a description, without HAProxy's own check. */
export const RULE_COUNT = PLAN_RULES.length + RULES.length;

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
  const asked =
    haproxy === undefined
      ? []
      : await checkWithHaproxy(wiring, haproxy, {
          ...options,
          lineOf: (place) => (originOf(files, place) ?? place).line,
        });
  // Values that depend on the account are variables of the Terraform module, by design.
  const ruled = judge(wiring).filter(({ code }) => code !== "layer-not-understood");
  const found = withoutEchoes(ruled, asked).map((finding) =>
    describedFinding({ files, description }, finding),
  );
  return [...checkPlan(plan, description), ...onceEach(found, keyOf)].sort(byWeightAndPlace);
}

/** HAProxy reports a raw line of an entrance for each of its frontends, which messages name. */
function keyOf(finding: Finding): unknown {
  const { code, what, at } = finding;
  if (code !== "haproxy-refuses" && code !== "haproxy-warns") return finding;
  return JSON.stringify([code, what.replace(/'[^']*'/g, ""), at[0]]);
}
