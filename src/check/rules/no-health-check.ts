// no-health-check: several servers without health checks.
import type { HaproxyProxy, HaproxyServer } from "../../wiring/haproxy/wiring.ts";
import { linesOf, serverSides } from "../layers/haproxy-view.ts";
import { healthCheckOption } from "../layers/health-check-options.ts";
import type { Rule, RuleFinding } from "../rule.ts";

export const noHealthCheck: Rule = {
  code: "no-health-check",
  severity: "warning",
  check(wiring) {
    const unchecked = serverSides(wiring).filter(({ proxy }) => isUnchecked(proxy));
    return unchecked.map(({ proxy: { name, servers } }): RuleFinding => {
      const backup = servers.some((server) => server.backup)
        ? " The backup servers are never used: without a check no other server is ever down."
        : "";
      return {
        what: `the ${servers.filter(isUsed).length} servers of \`${name}\` are not checked`,
        why: `A failed server keeps receiving its share of the requests: each of them waits until its connection fails and gets 503, or waits for the server timeout.${backup}`,
        remedy:
          "Write `check` on each server line, or `default-server check` above them; for HTTP servers also `option httpchk`.",
        at: [servers.find(isUsed)?.at],
        described: {
          remedy: "Remove `health: false`, or write `health: { path: /… }`.",
          field: ["backends", name, "health"],
        },
      };
    });
  },
};

/** Two servers or more, none of which HAProxy ever marks as down. A check option without `check` is `httpchk-without-check`. */
function isUnchecked(proxy: HaproxyProxy): boolean {
  const { mode, servers, section } = proxy;
  if (mode.value !== "http" && mode.value !== "tcp") return false;
  if (healthCheckOption(proxy) !== undefined || linesOf(section, "use-server").length > 0) return false;
  if (servers.some(isWatched)) return false;
  return new Set(servers.filter(isUsed).map(({ address }) => address.text)).size > 1;
}

function isWatched({ check, track, settings, template, resolvers }: HaproxyServer): boolean {
  // DNS adds and removes the servers of a template.
  return (
    check ||
    track !== undefined ||
    settings.has("agent-check") ||
    (template !== undefined && resolvers !== undefined)
  );
}

function isUsed({ disabled, address }: HaproxyServer): boolean {
  return !disabled && address.kind !== "any" && address.kind !== "other" && address.host !== "0.0.0.0";
}
