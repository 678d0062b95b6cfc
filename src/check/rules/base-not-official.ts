// base-not-official: base image that looks like a distribution's image and is not.

import { parseImageName } from "../../wiring/image-names.ts";
import { isKnown } from "../../wiring/written.ts";
import type { Rule } from "../rule.ts";

export const baseNotOfficial: Rule = {
  code: "base-not-official",
  severity: "warning",
  check: (wiring) =>
    wiring.images.flatMap(({ base, at }) => {
      if (!isKnown(base)) return [];
      const found = /^(ubuntu|debian|alpine|centos|fedora|haproxy)[-_]?(\d[\d._-]*)$/.exec(
        parseImageName(base.value)?.name ?? "",
      );
      if (found === null) return [];
      const [name = "", distribution = "", digits = ""] = found;
      const version = versionOf(distribution, digits);
      return {
        what: `\`${name}\` is not an official image`,
        why: `The name refers to Docker's official images (docker.io/library/${name}), which do not contain it: the build fails on every machine without a local image of that name.`,
        remedy: `Write the distribution and a supported release in the form \`${distribution}:${version}\`.`,
        at: [base.at ?? at],
      };
    }),
};

/** `1604` → `16.04` */
function versionOf(distribution: string, digits: string): string {
  return distribution === "ubuntu" && /^\d{4}$/.test(digits)
    ? `${digits.slice(0, 2)}.${digits.slice(2)}`
    : digits.replace(/[_-]/g, ".");
}
