// image-reference-invalid: invalid image reference of a container.
import { isInvalidImage, stopsPods } from "../../wiring/image-names.ts";
import { runIn } from "../layers/pods.ts";
import type { Rule } from "../rule.ts";

export const imageReferenceInvalid: Rule = {
  code: "image-reference-invalid",
  severity: "error",
  check: (wiring) =>
    wiring.workloads.flatMap((workload) =>
      [...workload.initContainers, ...workload.containers].flatMap(({ name, image, at }) => {
        if (image === undefined || !isInvalidImage(image.value)) return [];
        return {
          what: `the image of \`${name}\` is not a valid reference: \`${image.value}\``,
          why: "No node can pull it: the pods stay in InvalidImageName, and no request is served.",
          remedy: "Write the registry, name and tag of the image: `registry.example.com/web/haproxy:1.0`.",
          at: [image.at ?? at],
          stops: stopsPods(image.value) ? runIn(wiring, workload) : [],
        };
      }),
    ),
};
