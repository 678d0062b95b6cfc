// image-not-pinned: which image runs depends on when it is pulled.
import { isKnown } from "../../wiring/wiring.ts";
import { parseImageName } from "../layers/image-names.ts";
import type { LayerRule } from "../layers/layer-rule.ts";

export const imageNotPinned: LayerRule = {
  code: "image-not-pinned",
  severity: "note",
  about: "images without a version",
  check(wiring) {
    const named = [
      ...wiring.images.flatMap(({ base, at }) =>
        isKnown(base) && base.value !== "scratch" ? [{ text: base.value, at: base.at ?? at }] : [],
      ),
      ...wiring.workloads.flatMap(({ containers, initContainers }) =>
        [...initContainers, ...containers].flatMap(({ image, at }) =>
          image === null ? [] : [{ text: image.value, at: image.at ?? at }],
        ),
      ),
    ];
    return named.flatMap(({ text, at }) => {
      const image = parseImageName(text);
      if (image === null || image.digest !== null) return [];
      if (image.tag !== null && image.tag !== "latest") return [];
      return [
        {
          what: `\`${text}\` names no version`,
          why: "Which one it is depends on the day: two pods of one Deployment may run different ones, and going back is not possible.",
          remedy: "Write a tag that stays what it is, or a digest.",
          at: [at],
        },
      ];
    });
  },
};
