// haproxy-version-refuses: line that the HAProxy of the image does not load.
import { versionIn } from "../layers/haproxy-versions.ts";
import { refusedLines } from "../layers/refused-lines.ts";
import type { Rule } from "../rule.ts";

export const haproxyVersionRefuses: Rule = {
  code: "haproxy-version-refuses",
  severity: "error",
  check: (wiring) =>
    wiring.haproxies.flatMap((layer) => {
      const version = versionIn(layer.image);
      if (version === undefined || layer.image === undefined) return [];
      const base = layer.image.base;
      return refusedLines(layer, [version]).map(({ text, instead, at }) => ({
        what: `HAProxy ${version}, which the image installs, refuses \`${text}\``,
        why: "HAProxy does not start with this file, and no request is served.",
        remedy: `Write ${instead}.`,
        at: [at, base.at],
        stops: [layer],
      }));
    }),
};
