// duplicate-server: same server address twice in one backend.

import type { HaproxyServer } from "../../wiring/haproxy/wiring.ts";
import { groupsOf } from "../groups.ts";
import { serverSides } from "../layers/haproxy-view.ts";
import type { Rule, RuleFinding } from "../rule.ts";
import { listOf } from "../wording.ts";

/** With a different value of one of these, the same address is another path to a server, or another server behind it. */
const DISTINGUISH = [
  "backup",
  "namespace",
  "proto",
  "redir",
  "send-proxy",
  "send-proxy-v2",
  "send-proxy-v2-ssl",
  "set-proxy-v2-tlv-fmt",
  "shard",
  "sni",
  "socks4",
  "source",
  "ssl",
  "usesrc",
];

export const duplicateServer: Rule = {
  code: "duplicate-server",
  severity: "warning",
  check: (wiring) =>
    serverSides(wiring).flatMap(({ proxy }) => {
      const { mode, name, servers } = proxy;
      const groups = groupsOf(servers.filter(isOneServer), destinationOf).filter(({ length }) => length > 1);
      return groups.map((group): RuleFinding => {
        const [first] = group;
        const requests = mode.value === "http" ? "requests" : "connections";
        const byName = first.address.kind === "name" && first.address.host !== "localhost";
        return {
          what: `\`${name}\` has the address \`${first.address.text}\` ${group.length === 2 ? "twice" : `${group.length} times`}: ${listOf(
            group.map((server) => server.name),
            5,
          )}`,
          why: `HAProxy treats one server as ${group.length}: it gets ${group.length} shares of the ${requests}${first.check ? `, it is checked ${group.length} times` : ""}, and a retry on another server may reach the same one.${byName ? " HAProxy resolves each line separately at start, and may choose the same address for all even if the name has several." : ""}`,
          remedy: byName
            ? `Remove all but one. If the name has several addresses, write \`server-template NAME ${group.length} ${first.address.text} resolvers …\`.`
            : "Correct the address, or remove all but one; for a larger share, write `weight NUMBER` on the remaining line.",
          at: group.slice(0, 5).map(({ address }) => address.at),
          described: {
            remedy: "Remove all but one; for a larger share, write `weight` on the one that stays.",
          },
        };
      });
    }),
};

/** One address that connections go to: not a template, not the client's own destination, not one of a name that `resolvers` spread. */
function isOneServer({ address, disabled, template, resolvers }: HaproxyServer): boolean {
  if (disabled || template !== undefined) return false;
  if (address.kind === "any" || address.host === "0.0.0.0" || address.host === "::") return false;
  return address.kind !== "name" || resolvers === undefined;
}

function destinationOf({ address, settings }: HaproxyServer): string {
  const parts = DISTINGUISH.map((name) => settings.get(name)?.value ?? (settings.has(name) ? "" : "-"));
  return [address.text.toLowerCase(), ...parts].join("\n");
}
