// base-out-of-support: the image is built on something that gets no security fixes any more.
import { isKnown } from "../../wiring/wiring.ts";
import type { LayerRule } from "../layers/layer-rule.ts";
import { haproxyContainers } from "../layers/pods.ts";
import { endedSupport } from "../layers/support-ends.ts";

export const baseOutOfSupport: LayerRule = {
  code: "base-out-of-support",
  severity: "warning",
  about: "images that get no security fixes",
  check(wiring) {
    const bases = wiring.images.flatMap(({ base, at }) =>
      isKnown(base) ? [{ name: base.value, at: base.at ?? at }] : [],
    );
    const run = haproxyContainers(wiring).flatMap(({ container: { image } }) =>
      image === null ? [] : [{ name: image.value, at: image.at }],
    );
    return [...bases, ...run].flatMap(({ name, at }) => {
      const ended = endedSupport(name);
      if (ended === undefined) return [];
      return [
        {
          what: `${ended.release} has had no support since ${ended.since}`,
          why: "Faults that are found in it, in its libraries and TLS stay open in every pod that faces the internet.",
          remedy: `Build on ${/ /.test(ended.instead) ? ended.instead : `\`${ended.instead}\``}.`,
          at: [at],
        },
      ];
    });
  },
};
