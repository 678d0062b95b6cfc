// unresolvable-name-blocks-start: a server's name that must resolve before HAProxy starts.
import type { HaproxyServer } from "../../wiring/haproxy/wiring.ts";
import { proxiesOf } from "../layers/haproxy-view.ts";
import type { LayerRule } from "../layers/layer-rule.ts";
import { countOf, listOf } from "../wording.ts";

export const unresolvableNameBlocksStart: LayerRule = {
  code: "unresolvable-name-blocks-start",
  severity: "warning",
  about: "a server name that keeps HAProxy from starting when it does not resolve",
  check: (wiring) =>
    wiring.haproxies.flatMap((layer) => {
      const servers = proxiesOf({ ...wiring, haproxies: [layer] }).flatMap(({ proxy }) =>
        proxy.servers.filter(blocks),
      );
      const [first] = servers;
      if (first === undefined) return [];
      const names = [...new Set(servers.map(({ address }) => address.host))];
      return [
        {
          what: `HAProxy starts only if ${listOf(names)} ${names.length === 1 ? "resolves" : "resolve"}`,
          why: `${names.length === 1 ? "The name is" : `${countOf(names.length, "name")}, each`} looked up once, before the first request: when a Service is not there yet HAProxy ends at once, and when DNS is silent after 20 s. So one missing Service keeps the whole edge down. A Service that is made anew, with another address, is never found again.`,
          remedy:
            "Add a `resolvers` section with `parse-resolv-conf`, and write `resolvers NAME resolve-prefer ipv4 init-addr none` on the server line, with the Service's whole name.",
          at: servers.slice(0, 5).map(({ address }) => address.at),
        },
      ];
    }),
};

/** With `resolvers` HAProxy starts without an address; `none` and a literal address end the list of what is tried (manual 3.2, section 5.2, `init-addr`). */
function blocks({ address, resolvers, initAddr }: HaproxyServer): boolean {
  if (address.kind !== "name" || address.host === "localhost" || resolvers !== undefined) return false;
  return !(initAddr?.value ?? "last,libc")
    .split(",")
    .some((way) => way === "none" || /^[\d.:[\]a-f]+$/.test(way));
}
