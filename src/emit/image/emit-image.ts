// The image layer: a Dockerfile and what it copies. The build context is the folder that holds all layers.
import type { Plan } from "../../plan/plan.ts";
import type { EmittedFile } from "../file.ts";

/** `config`: the files of the haproxy layer, which `config: image` bakes in. */
export function emitImage(_plan: Plan, _config: readonly EmittedFile[]): readonly EmittedFile[] {
  return [];
}
