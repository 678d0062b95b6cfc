// image-reference-invalid: a container's image is something that no registry could have.
import { parseImageName } from "../layers/image-names.ts";
import type { LayerRule } from "../layers/layer-rule.ts";

export const imageReferenceInvalid: LayerRule = {
  code: "image-reference-invalid",
  severity: "error",
  about: "container images that are no reference",
  check: (wiring) =>
    wiring.workloads.flatMap(({ containers, initContainers }) =>
      [...initContainers, ...containers].flatMap(({ name, image, at }) => {
        if (image === null || parseImageName(image.value) !== null) return [];
        return [
          {
            what: `the image of \`${name}\` is no reference: \`${image.value}\``,
            why: "No node can pull it: the pods stay in InvalidImageName, and nothing is served.",
            remedy: "Write where the image lies: `registry.example.com/web/haproxy:1.0`.",
            at: [image.at ?? at],
          },
        ];
      }),
    ),
};
