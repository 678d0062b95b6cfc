// What a cluster gets of the layers: the objects, and the image that their pods run.
import type { TextFile } from "../emit/file.ts";
import { emitHaproxy } from "../emit/haproxy/emit-haproxy.ts";
import { emitImage } from "../emit/image/emit-image.ts";
import { imageFiles, imageReference } from "../emit/image/image-reference.ts";
import { emitKubernetes } from "../emit/kubernetes/emit-kubernetes.ts";
import type { Plan } from "../plan/plan.ts";
import { type KubernetesObject, objectsOf } from "./objects.ts";

export interface Rendered {
  readonly objects: readonly KubernetesObject[];
  readonly config: readonly TextFile[];
  readonly image: {
    readonly reference: string;
    /** All files of its build; undefined: the image was named with `--image`. */
    readonly files: readonly TextFile[] | undefined;
  };
}

/** `image`: an image to run instead of the plan's own. */
export function renderForCluster(plan: Plan, image?: string): Rendered {
  const config = emitHaproxy(plan);
  const sources = { image: emitImage(plan), config };
  const reference = image ?? imageReference(plan.image, sources);
  return {
    objects: objectsOf(emitKubernetes(plan, { config, image: reference }), plan.namespace),
    config,
    image: { reference, files: image === undefined ? imageFiles(plan.image, sources) : undefined },
  };
}
