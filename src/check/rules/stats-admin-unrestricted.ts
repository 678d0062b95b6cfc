// stats-admin-unrestricted: every user of the stats page may change servers.
import { readCondition } from "../../wiring/haproxy/condition.ts";
import { type HaproxyLine, wordsText } from "../../wiring/haproxy/config.ts";
import type { HaproxyProxy } from "../../wiring/haproxy/wiring.ts";
import { linesOf, placeOf, proxiesOf, reachOf } from "../layers/haproxy-view.ts";
import { limitsClients } from "../layers/limits-clients.ts";
import type { Rule } from "../rule.ts";

export const statsAdminUnrestricted: Rule = {
  code: "stats-admin-unrestricted",
  severity: "note",
  check: (wiring) =>
    proxiesOf(wiring).flatMap((placed) => {
      const { layer, proxy } = placed;
      const line = linesOf(proxy.section, "stats", "admin").find(alwaysHolds);
      // A page without a password is `stats-without-password`, which covers the changes too.
      if (line === undefined || proxy.stats === undefined || !requiresPassword(proxy)) return [];
      if (proxy.kind !== "backend" && reachOf(wiring, placed) === "itself") return [];
      if (limitsClients(wiring, proxy, ({ fetch }) => /^src\b/.test(fetch.value))) return [];
      return {
        what: `\`${wordsText(line)}\` lets every user of the stats page of \`${proxy.name}\` change servers`,
        why: "Every user with the password of the page can disable and drain any server of any backend and stop its health checks, from every network that reaches the page.",
        remedy:
          "Write `stats admin if LOCALHOST`, or `stats admin if { src NETWORKS }` with the networks of the operators. If servers are not changed on the page, remove the line.",
        at: [placeOf(layer.config, line), proxy.binds[0]?.address.at],
      };
    }),
};

function alwaysHolds(line: HaproxyLine): boolean {
  const condition = readCondition(line);
  const [term, ...others] = condition?.terms ?? [];
  if (condition === undefined || term === undefined || others.length > 0) return false;
  const fetch = term.name ?? term.test?.fetch.value;
  const value = fetch === "TRUE" || fetch === "always_true";
  if (!value && fetch !== "FALSE" && fetch !== "always_false") return false;
  return (value !== term.negated) === (condition.keyword === "if");
}

function requiresPassword({ stats, section }: HaproxyProxy): boolean {
  return (stats?.auth.length ?? 0) > 0 || linesOf(section, "stats", "http-request", "auth").length > 0;
}
