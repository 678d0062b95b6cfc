// The lines that the lab of a description did not run, with their positions in the description's raw lines.
import { rawLineOf } from "../check/raw-line.ts";
import type { Lab } from "../lab/lab.ts";
import type { NotRun } from "../lab/not-run.ts";
import type { Planned } from "./planned.ts";

export function notRunOfDescription(
  { leftOut, haproxyLayer }: Pick<Lab, "leftOut" | "haproxyLayer">,
  { plan, description }: Planned,
): readonly NotRun[] {
  return leftOut.map((one) => {
    const raw = rawLineOf(plan, haproxyLayer.config, one.line);
    const at = raw === null ? undefined : description.positionOf(raw);
    return at === undefined ? one : { ...one, at };
  });
}
