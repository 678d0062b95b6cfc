// Every layer of a plan, in the order in which people read them.
import type { Plan } from "../plan/plan.ts";
import { emitCloud } from "./cloud/emit-cloud.ts";
import type { EmittedFile } from "./file.ts";
import { emitHaproxy } from "./haproxy/emit-haproxy.ts";
import { emitImage } from "./image/emit-image.ts";
import { imageReference } from "./image/image-reference.ts";
import { emitKubernetes } from "./kubernetes/emit-kubernetes.ts";

/** Layers that somebody has already. */
export interface GivenLayers {
  /** Instead of what the plan renders to; the other layers carry it. */
  readonly haproxy?: readonly EmittedFile[];
}

/** What the haproxy layer is, and what the image is called, the other layers are handed: they do not know each other. */
export function emitLayers(plan: Plan, given: GivenLayers = {}): readonly EmittedFile[] {
  const haproxy = given.haproxy ?? emitHaproxy(plan);
  const image = emitImage(plan);
  return [
    ...haproxy,
    ...image,
    ...emitKubernetes(plan, {
      config: haproxy,
      image: imageReference(plan.image, { image, config: haproxy }),
    }),
    ...emitCloud(plan),
  ];
}
