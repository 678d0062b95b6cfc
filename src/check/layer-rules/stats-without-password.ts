// stats-without-password: HAProxy's page of figures answers whoever reaches its port.
import { linesOf, proxiesOf, waysTo } from "../layers/haproxy-view.ts";
import type { LayerRule } from "../layers/layer-rule.ts";

export const statsWithoutPassword: LayerRule = {
  code: "stats-without-password",
  severity: "warning",
  about: "stats that anyone may read through the load balancer",
  check: (wiring) =>
    proxiesOf(wiring).flatMap(({ proxy }) => {
      const { stats } = proxy;
      if (stats === undefined || proxy.kind === "backend" || stats.auth.length > 0) return [];
      if (linesOf(proxy.section, "stats", "http-request").length > 0) return [];
      const ways = waysTo(wiring, proxy.binds);
      const open = ways.filter(({ begins, service }) => begins !== "service" || service?.type === "NodePort");
      // Inside the cluster the page may stay open, as Portico renders it; what can be changed there may not.
      if (open.length === 0 && !stats.admin && ways.length > 0) return [];
      return [
        {
          what: `the stats page \`${stats.uri.value}\` of \`${proxy.name}\` asks for no password`,
          why: `Whoever reaches ${proxy.binds.map(({ address }) => `\`${address.text}\``).join(", ") || "it"} reads every backend with its addresses, load and health${stats.admin ? ", and takes servers out of service" : ""}.`,
          remedy:
            "Write `stats auth NAME:PASSWORD`, or let no load balancer and no node port lead there: `kubectl port-forward` brings the page to you.",
          at: [
            // Where the path is HAProxy's own, whatever turns the page on.
            stats.uri.at ?? stats.at,
            proxy.binds[0]?.address.at,
            // A node port is reached through the load balancer and by itself: one place all the same.
            ...new Set(
              open.flatMap(({ listener, servicePort }) => [listener?.at, servicePort?.nodePort?.at]),
            ),
          ],
        },
      ];
    }),
};
