// name-resolved-only-at-start: HAProxy starts without a server's address, and nothing ever looks it up.
import { proxiesOf } from "../layers/haproxy-view.ts";
import type { LayerRule } from "../layers/layer-rule.ts";

export const nameResolvedOnlyAtStart: LayerRule = {
  code: "name-resolved-only-at-start",
  severity: "warning",
  about: "a server that may start without an address and has no resolvers",
  check: (wiring) =>
    proxiesOf(wiring)
      .flatMap(({ proxy }) => proxy.servers)
      .filter(
        ({ address, resolvers, initAddr }) =>
          address.kind === "name" && resolvers === undefined && initAddr?.value.split(",").includes("none"),
      )
      .map(({ name, address, initAddr }) => ({
        what: `the server \`${name}\` never gets an address that is missing at the start`,
        why: `\`init-addr\` lets HAProxy start without one, and without \`resolvers\` nobody asks again: when ${address.host} does not resolve at that moment, its requests get 503 until HAProxy is started anew.`,
        remedy:
          "Add `resolvers NAME resolve-prefer ipv4`, and a `resolvers` section with `parse-resolv-conf`.",
        at: [address.at, initAddr?.at],
      })),
};
