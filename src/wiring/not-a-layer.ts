// Files next to the layers that are not layers.
import type { Position } from "../source/position.ts";
import type { LeftOut } from "./wiring.ts";

const WHAT = "is not a layer: no `apiVersion` and `kind`, no HAProxy section";

/** Every such file has the same text: they are reported once, with their number. */
export function notALayer(at: Position): LeftOut {
  return {
    what: WHAT,
    why: "Its content is not taken into account.",
    severity: "note",
    at: { file: at.file, line: at.line, column: at.column },
  };
}

export function isNotALayer(what: string): boolean {
  return what === WHAT;
}
