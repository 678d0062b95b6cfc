// image-not-pinned: image without a version.

import { parseImageName } from "../../wiring/image-names.ts";
import { isKnown } from "../../wiring/written.ts";
import type { Rule } from "../rule.ts";

export const imageNotPinned: Rule = {
  code: "image-not-pinned",
  severity: "note",
  check(wiring) {
    const named = [
      ...wiring.images.flatMap(({ base, at }) =>
        isKnown(base) && base.value !== "scratch" ? [{ text: base.value, at: base.at ?? at }] : [],
      ),
      ...wiring.workloads.flatMap(({ containers, initContainers }) =>
        [...initContainers, ...containers].flatMap(({ image, at }) =>
          image === undefined ? [] : [{ text: image.value, at: image.at ?? at }],
        ),
      ),
    ];
    return named.flatMap(({ text, at }) => {
      const image = parseImageName(text);
      if (image === undefined || image.digest !== undefined) return [];
      if (image.tag !== undefined && image.tag !== "latest") return [];
      return {
        what: `the image \`${text}\` has no version`,
        why: "The image depends on the time of the pull: two pods of one Deployment can run different images, and a rollback is not possible.",
        remedy: "Write a tag with a version, or a digest.",
        at: [at],
      };
    });
  },
};
