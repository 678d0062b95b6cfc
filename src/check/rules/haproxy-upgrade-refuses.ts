// haproxy-upgrade-refuses: line that a later HAProxy does not load.
import {
  ANNOUNCED_VERSIONS,
  compareVersions,
  type HaproxyVersion,
  SUPPORTED_VERSIONS,
  versionIn,
} from "../layers/haproxy-versions.ts";
import { refusedLines } from "../layers/refused-lines.ts";
import type { Rule } from "../rule.ts";

export const haproxyUpgradeRefuses: Rule = {
  code: "haproxy-upgrade-refuses",
  severity: "warning",
  check: (wiring) =>
    wiring.haproxies.flatMap((layer) => {
      const own = versionIn(layer.image);
      const now = own === undefined ? [] : refusedLines(layer, [own]).map(({ at }) => at.line);
      const later = [...SUPPORTED_VERSIONS, ...ANNOUNCED_VERSIONS].filter(
        (version) => own === undefined || compareVersions(version, own) > 0,
      );
      return (
        refusedLines(layer, later)
          .filter(({ at }) => !now.includes(at.line))
          // A version that is too old for a line is not an upgrade.
          .map((line) => ({
            ...line,
            versions: line.versions.filter((one) => isAfter(one, line.unknownUntil)),
          }))
          .filter(({ versions }) => versions.length > 0)
          .map(({ text, instead, versions, at }) => ({
            what: `HAProxy ${listed(versions)} ${versions.length === 1 ? "refuses" : "refuse"} \`${text}\``,
            why: "After such an upgrade, HAProxy does not start: new pods never become ready, and no request is served once the old pods are gone.",
            remedy: `Write ${instead}.`,
            at: [at, ...(own === undefined || layer.image === undefined ? [] : [layer.image.base.at])],
          }))
      );
    }),
};

function isAfter(version: HaproxyVersion, last: HaproxyVersion | undefined): boolean {
  return last === undefined || compareVersions(version, last) > 0;
}

function listed(versions: readonly string[]): string {
  const last = versions.at(-1) ?? "";
  return versions.length === 1 ? last : `${versions.slice(0, -1).join(", ")} and ${last}`;
}
