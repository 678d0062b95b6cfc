// The kubernetes layer: plain YAML, one object a file, with a kustomization.
import type { Plan } from "../../plan/plan.ts";
import type { EmittedFile } from "../file.ts";

export interface KubernetesInput {
  /** The files of the haproxy layer, which ConfigMaps hold. */
  readonly config: readonly EmittedFile[];
  /** The image with its tag. */
  readonly image: string;
}

export function emitKubernetes(_plan: Plan, _input: KubernetesInput): readonly EmittedFile[] {
  return [];
}
