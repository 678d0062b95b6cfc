// Runs every rule over layers as they were read back, the worst first, then in the order of files and lines.
import type { Finding } from "../../findings/finding.ts";
import type { LeftOut, Wiring } from "../../wiring/wiring.ts";
import { LAYER_RULES } from "../layer-rules/index.ts";
import { byWeightAndPlace } from "../order.ts";
import type { LayerRule } from "./layer-rule.ts";

export { LAYER_RULES } from "../layer-rules/index.ts";

/** Codes of what was left out when the files were read. */
export const READING_CODES = ["layer-unreadable", "layer-not-understood"] as const;

/** Every finding about layers, rendered or written by hand; the same for the same files. */
export function checkLayers(wiring: Wiring, rules: readonly LayerRule[] = LAYER_RULES): readonly Finding[] {
  return [...wiring.leftOut.map(leftOut), ...rules.flatMap((rule) => run(rule, wiring))].sort(
    byWeightAndPlace,
  );
}

function run({ code, severity, check }: LayerRule, wiring: Wiring): readonly Finding[] {
  return check(wiring).map(({ what, why, remedy, at, fix }) => ({
    code,
    severity,
    what,
    why,
    remedy,
    at: at.filter((place) => place !== null && place !== undefined),
    ...(fix !== undefined && { fix }),
  }));
}

function leftOut({ what, why, severity, at }: LeftOut): Finding {
  return {
    code: severity === "error" ? "layer-unreadable" : "layer-not-understood",
    severity,
    what,
    why,
    remedy:
      severity === "error"
        ? "Correct the file; the rest was checked without it."
        : "Look at this yourself; the rest was checked without it.",
    at: [at],
  };
}
