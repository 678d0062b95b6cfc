// base-out-of-support: base image without security updates.
import { isKnown } from "../../wiring/written.ts";
import { haproxyContainers } from "../layers/pods.ts";
import { endedSupport } from "../layers/support-ends.ts";
import type { Rule } from "../rule.ts";

export const baseOutOfSupport: Rule = {
  code: "base-out-of-support",
  severity: "warning",
  check(wiring) {
    const bases = wiring.images.flatMap(({ base, at }) =>
      isKnown(base) ? [{ name: base.value, at: base.at ?? at }] : [],
    );
    const run = haproxyContainers(wiring).flatMap(({ container: { image } }) =>
      image === undefined ? [] : [{ name: image.value, at: image.at }],
    );
    return [...bases, ...run].flatMap(({ name, at }) => {
      const ended = endedSupport(name);
      if (ended === undefined) return [];
      return {
        what: `${ended.release} has been out of support since ${ended.since}`,
        why: "New vulnerabilities in its libraries, TLS included, are not fixed and stay in every pod.",
        remedy: `Build on ${/ /.test(ended.instead) ? ended.instead : `\`${ended.instead}\``}.`,
        at: [at],
      };
    });
  },
};
