// name-resolved-only-at-start: server that starts without an address and never gets one.
import { proxiesOf } from "../layers/haproxy-view.ts";
import type { Rule } from "../rule.ts";

export const nameResolvedOnlyAtStart: Rule = {
  code: "name-resolved-only-at-start",
  severity: "warning",
  check: (wiring) =>
    proxiesOf(wiring)
      .flatMap(({ proxy }) => proxy.servers)
      .filter(
        ({ address, resolvers, initAddr }) =>
          address.kind === "name" && resolvers === undefined && initAddr?.value.split(",").includes("none"),
      )
      .map(({ name, address, initAddr }) => ({
        what: `HAProxy resolves the name of server \`${name}\` only at start`,
        why: `\`init-addr\` lets HAProxy start without an address, and without \`resolvers\` it never resolves ${address.host} again: if the name does not resolve at start, requests to the server get 503 until HAProxy is restarted.`,
        remedy:
          "Add `resolvers NAME resolve-prefer ipv4`, and a `resolvers` section with `parse-resolv-conf`.",
        at: [address.at, initAddr?.at],
      })),
};
