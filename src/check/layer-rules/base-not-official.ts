// base-not-official: a base that looks like a distribution's image and is none.
import { isKnown } from "../../wiring/wiring.ts";
import { parseImageName } from "../layers/image-names.ts";
import type { LayerRule } from "../layers/layer-rule.ts";

export const baseNotOfficial: LayerRule = {
  code: "base-not-official",
  severity: "warning",
  about: "bases that look like a distribution's image and are none",
  check: (wiring) =>
    wiring.images.flatMap(({ base, at }) => {
      if (!isKnown(base)) return [];
      const found = /^(ubuntu|debian|alpine|centos|fedora|haproxy)[-_]?(\d[\d._-]*)$/.exec(
        parseImageName(base.value)?.name ?? "",
      );
      if (found === null) return [];
      const [name = "", distribution = "", digits = ""] = found;
      const version = versionOf(distribution, digits);
      return [
        {
          what: `\`${name}\` is no official image`,
          why: `Docker looks for it among its official images (docker.io/library/${name}), where it is not: the build fails, unless the machine has an image of its own by that name, which nobody else can build.`,
          remedy: `Name the distribution and a release that is supported: \`${distribution}:${version}\` is the form.`,
          at: [base.at ?? at],
        },
      ];
    }),
};

/** `1604` → `16.04` */
function versionOf(distribution: string, digits: string): string {
  return distribution === "ubuntu" && /^\d{4}$/.test(digits)
    ? `${digits.slice(0, 2)}.${digits.slice(2)}`
    : digits.replace(/[_-]/g, ".");
}
