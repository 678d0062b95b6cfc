// unresolvable-name-blocks-start: HAProxy starts only if the server's name resolves.
import { countOf } from "../../findings/count.ts";
import type { HaproxyServer } from "../../wiring/haproxy/wiring.ts";
import { proxiesOf } from "../layers/haproxy-view.ts";
import type { Rule } from "../rule.ts";
import { listOf } from "../wording.ts";

export const unresolvableNameBlocksStart: Rule = {
  code: "unresolvable-name-blocks-start",
  severity: "warning",
  check: (wiring) =>
    wiring.haproxies.flatMap((layer) => {
      const servers = proxiesOf({ ...wiring, haproxies: [layer] }).flatMap(({ proxy }) =>
        proxy.servers.filter(blocks),
      );
      const [first] = servers;
      if (first === undefined) return [];
      const names = [...new Set(servers.map(({ address }) => address.host))];
      return {
        what: `HAProxy starts only if ${listOf(names)} ${names.length === 1 ? "resolves" : "resolve"}`,
        why: `HAProxy resolves ${names.length === 1 ? "the name" : `each of the ${countOf(names.length, "name")}`} once, before the first request. If the name does not exist it exits at once, and if DNS does not answer it exits after 20 s: one missing Service keeps the whole edge down. A Service that is created again with another address is never found.`,
        remedy:
          "Add a `resolvers` section with `parse-resolv-conf`, and write `resolvers NAME resolve-prefer ipv4 init-addr none` on the server line, with the complete name of the Service.",
        at: servers.slice(0, 5).map(({ address }) => address.at),
      };
    }),
};

/** With `resolvers` HAProxy starts without an address; `none` and a literal address end the list of what is tried (manual 3.2, section 5.2, `init-addr`). */
function blocks({ address, resolvers, initAddr }: HaproxyServer): boolean {
  if (address.kind !== "name" || address.host === "localhost" || resolvers !== undefined) return false;
  return !(initAddr?.value ?? "last,libc")
    .split(",")
    .some((trafficPath) => trafficPath === "none" || /^[\d.:[\]a-f]+$/.test(trafficPath));
}
