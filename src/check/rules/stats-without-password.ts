// stats-without-password: public stats page without a password.
import { identifiesClient } from "../../wiring/haproxy/condition.ts";
import type { HaproxyProxy } from "../../wiring/haproxy/wiring.ts";
import type { Wiring } from "../../wiring/wiring.ts";
import { clientSides, linesFor, pathsTo, reachOf } from "../layers/haproxy-view.ts";
import { limitsClients } from "../layers/limits-clients.ts";
import type { Rule } from "../rule.ts";

export const statsWithoutPassword: Rule = {
  code: "stats-without-password",
  severity: "warning",
  check: (wiring) =>
    clientSides(wiring).flatMap((placed) => {
      const { proxy } = placed;
      const { stats } = proxy;
      // HAProxy ignores the statement outside of HTTP mode, with a warning.
      if (stats === undefined || stats.auth.length > 0 || proxy.mode.value !== "http") return [];
      if (reachOf(wiring, placed) === "itself" || limitsByAuthentication(wiring, proxy)) return [];
      const trafficPaths = pathsTo(wiring, proxy.binds);
      const open = trafficPaths.filter(
        ({ start, service }) => start !== "service" || service?.type === "NodePort",
      );
      // Inside the cluster the page may be without a password, as Portico renders it, but not its admin functions.
      if (open.length === 0 && !stats.admin && trafficPaths.length > 0) return [];
      return {
        what: `the stats page \`${stats.uri.value}\` of \`${proxy.name}\` has no password`,
        why: `Any client that reaches ${proxy.binds.map(({ address }) => `\`${address.text}\``).join(", ") || "it"} can read every backend with its addresses, load and health${stats.admin ? ", and can disable servers" : ""}.`,
        remedy:
          "Write `stats auth NAME:PASSWORD`, or remove the port from the load balancer and from node ports and use `kubectl port-forward`.",
        at: [
          // With the default path: the line that enables the page.
          stats.uri.at ?? stats.at,
          proxy.binds[0]?.address.at,
          // A node port is reachable directly and through the load balancer: reported as one place.
          ...new Set(open.flatMap(({ listener, servicePort }) => [listener?.at, servicePort?.nodePort?.at])),
        ],
        described: {
          remedy: "Remove `public` and look at the page through `kubectl port-forward`, or write `user`.",
          field: ["stats", "public"],
        },
      };
    }),
};

/** `stats http-request …`, or a rule that refuses some clients by their address or password. */
function limitsByAuthentication(wiring: Wiring, proxy: HaproxyProxy): boolean {
  const authRules = [...linesFor(proxy, "stats", "http-request"), ...linesFor(proxy, "http-request", "auth")];
  return authRules.length > 0 || limitsClients(wiring, proxy, identifiesClient);
}
