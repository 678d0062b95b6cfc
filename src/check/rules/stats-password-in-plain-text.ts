// stats-password-in-plain-text: stats password sent unencrypted.
import { knownValue } from "../../wiring/written.ts";
import { balancedPaths, between, oncePerPlaces, portOf } from "../layers/hops.ts";
import type { Rule } from "../rule.ts";
import { noted } from "../wording.ts";

export const statsPasswordInPlainText: Rule = {
  code: "stats-password-in-plain-text",
  severity: "warning",
  check: (wiring) =>
    oncePerPlaces(
      balancedPaths(wiring).flatMap((path) => {
        const { listener, bind, proxy } = path;
        const [auth] = proxy.stats?.auth ?? [];
        const protocol = knownValue(listener.protocol);
        if (auth === undefined || bind.ssl) return [];
        if (protocol !== "tcp" && protocol !== "http") return [];
        return {
          what: `the password of the stats page of \`${proxy.name}\` is sent unencrypted to ${portOf(path)}`,
          why: "The load balancer forwards the port without TLS: anyone on the network path can read user name and password, which a browser sends with each request (RFC 7617, 4).",
          remedy: "Remove the port from the load balancer, and open the page through `kubectl port-forward`.",
          at: [
            auth.at,
            noted(listener.protocol.at ?? listener.at, `forwards ${protocol}`),
            ...between(path),
            noted(bind.address.at, "no `ssl`"),
          ],
          described: {
            remedy: "Remove `public` from `stats`, and open the page through `kubectl port-forward`.",
            field: ["stats", "public"],
          },
        };
      }),
    ),
};
