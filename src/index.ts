// The public library: describing an edge, planning and rendering it, and testing it with real requests.
import type { Edge } from "./description/define-edge.ts";
import type { Lab } from "./lab/lab.ts";
import type { OpenLabOptions } from "./lab/open-lab.ts";

export { defineEdge, type Edge } from "./description/define-edge.ts";
export {
  type LoadedDescription,
  type LoadOptions,
  type LoadOutcome,
  loadDescription,
} from "./description/load.ts";
export type { EmittedFile } from "./emit/file.ts";
export { emitLayers } from "./emit/layers.ts";
export type { FindingCode } from "./findings/codes.ts";
export type { Finding, Outcome, Position, Severity } from "./findings/finding.ts";
export type { HaproxyFailure } from "./haproxy/process.ts";
export type { Lab } from "./lab/lab.ts";
export type { LabRefused, OpenLabOptions } from "./lab/open-lab.ts";
export type { LabAnswer, LabRequestOptions } from "./lab/send.ts";
export { type Decision, decide, type ModelRequest } from "./model/decide.ts";
export type { Plan } from "./plan/plan.ts";
export { planEdge } from "./plan/plan-edge.ts";

/**
 * Starts a real HAProxy with the files that a description renders to, with simulators and stubs around it. `edge` is
 * the result of `defineEdge`, or the name of a description's file. Close the lab when done, or write `await using`:
 * it has a process and sockets. Rejects with `LabRefused` for a description that has errors or an unsuitable HAProxy,
 * with `HaproxyFailure` when HAProxy does not start.
 */
export async function openLab(edge: Edge | string, options: OpenLabOptions = {}): Promise<Lab> {
  // A portico.config.ts imports this file too, and needs no lab.
  const lab = await import("./lab/open-lab.ts");
  return lab.openLab(edge, options);
}
