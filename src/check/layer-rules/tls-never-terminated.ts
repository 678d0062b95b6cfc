// tls-never-terminated: clients speak TLS on port 443, and no hop ends it.
import { knownValue } from "../../wiring/wiring.ts";
import { between, distinctHops } from "../layers/hops.ts";
import type { LayerRule } from "../layers/layer-rule.ts";
import { noted } from "../wording.ts";

export const tlsNeverTerminated: LayerRule = {
  code: "tls-never-terminated",
  severity: "error",
  check(wiring) {
    return distinctHops(wiring).flatMap((way) => {
      const { listener, bind, proxy } = way;
      const clients = knownValue(listener.protocol);
      const targets = knownValue(listener.targetProtocol);
      if (way.port !== 443 || bind.ssl || proxy.mode.value !== "http") return [];
      if (!(clients === "tcp" && targets === "tcp") && !(clients === "http" && targets === "http")) return [];
      return [
        {
          what: "nobody ends the TLS of port 443",
          why: "Clients of an https:// address begin with a TLS handshake there: it is taken for a request, answered with 400, and no page ever loads.",
          remedy:
            "End TLS at the load balancer (a listener with a certificate), or at HAProxy (`bind … ssl crt FILE`).",
          at: [
            noted(listener.protocol.at ?? listener.at, `passed on as ${clients}`),
            ...between(way),
            noted(bind.address.at, "no `ssl`"),
          ],
          described: {
            remedy:
              "Write `public: { tls: { terminatedAt: haproxy, certificates: [...] } }`, or a load balancer that terminates TLS.",
            field: ["public", "tls"],
          },
        },
      ];
    });
  },
};
