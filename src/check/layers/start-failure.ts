// Why the HAProxy of a configuration does not start: the first finding that says so and that no comment suppresses.
import type { FindingCode } from "../../findings/codes.ts";
import type { Finding, Position } from "../../findings/finding.ts";
import type { HaproxyLayer, Wiring } from "../../wiring/wiring.ts";
import { applySuppressions, suppressionsIn } from "../suppressions.ts";
import { findingsOf } from "./check-layers.ts";

/** undefined: no finding about these layers stops it. */
export function startFailureOf(
  wiring: Wiring,
  layer: HaproxyLayer,
): (Pick<Finding, "what"> & { readonly at: Position }) | undefined {
  const stopping = findingsOf(wiring).flatMap(({ described: _, stops, ...finding }) =>
    stops?.includes(layer) === true ? [finding] : [],
  );
  if (stopping.length === 0) return undefined;
  const codes = new Set<FindingCode>(stopping.map(({ code }) => code));
  const comments = suppressionsIn(new Map(wiring.files.map(({ file, text }) => [file, text])));
  const found = applySuppressions(stopping, comments).find(
    ({ code, suppressed }) => codes.has(code) && suppressed === undefined,
  );
  return found && { what: found.what, at: found.at[0] ?? { file: layer.config.file, line: 1, column: 1 } };
}
