// httpchk-without-check: `option httpchk` without `check` on a server.
import type { Fix } from "../../findings/finding.ts";
import type { HaproxyServer } from "../../wiring/haproxy/wiring.ts";
import type { HaproxyLayer } from "../../wiring/wiring.ts";
import { fixByWords, serverSides } from "../layers/haproxy-view.ts";
import { healthCheckOption } from "../layers/health-check-options.ts";
import type { Rule } from "../rule.ts";

export const httpchkWithoutCheck: Rule = {
  code: "httpchk-without-check",
  severity: "warning",
  check: (wiring) =>
    serverSides(wiring).flatMap(({ layer, proxy }) => {
      const checkOption = healthCheckOption(proxy);
      const unchecked = proxy.servers.filter(
        ({ check, disabled, track }) => !check && !disabled && track === undefined,
      );
      // Some are checked: then the others may be left out on purpose.
      if (checkOption === undefined || unchecked.length === 0 || proxy.servers.some(({ check }) => check))
        return [];
      const fix = fixOf(layer, unchecked);
      return {
        what: `\`option ${checkOption.name}\` has no effect: no server of \`${proxy.name}\` has \`check\``,
        why: "HAProxy sends no checks and treats the servers as up permanently: a server that has failed or is not ready keeps getting requests, which get 503 or wait for the server timeout.",
        remedy: "Write `check` on the server line.",
        at: [...unchecked.slice(0, 5).map(({ at }) => at), checkOption.option.at],
        ...(fix && { fix }),
      };
    }),
};

function fixOf(layer: HaproxyLayer, servers: readonly HaproxyServer[]): Fix | undefined {
  const fixes = servers.map(({ line }) => fixByWords(layer, line, "check"));
  const edits = fixes.flatMap((fix) => fix?.edits ?? []);
  if (edits.length < servers.length) return undefined;
  return { does: `adds \`check\` to ${servers.map(({ name }) => `server ${name}`).join(", ")}`, edits };
}
