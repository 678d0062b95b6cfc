// What the lab of a description did not run, at the raw lines of the description that it comes from.
import { originOf } from "../emit/file.ts";
import { emitHaproxy } from "../emit/haproxy/emit-haproxy.ts";
import type { Lab } from "../lab/lab.ts";
import type { NotRun } from "../lab/not-run.ts";
import type { Planned } from "./planned.ts";

export function notRunOfDescription(
  { leftOut, haproxyLayer }: Pick<Lab, "leftOut" | "haproxyLayer">,
  { plan }: Planned,
): readonly NotRun[] {
  if (leftOut.length === 0) return [];
  const files = emitHaproxy(plan);
  return leftOut.map((one) => {
    const at = originOf(files, { file: haproxyLayer.config.file, line: one.line });
    return at === undefined ? one : { ...one, at };
  });
}
