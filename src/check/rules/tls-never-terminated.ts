// tls-never-terminated: TLS on port 443 that neither load balancer nor HAProxy terminates.
import { knownValue } from "../../wiring/written.ts";
import { between, distinctHops } from "../layers/hops.ts";
import type { Rule } from "../rule.ts";
import { noted } from "../wording.ts";

export const tlsNeverTerminated: Rule = {
  code: "tls-never-terminated",
  severity: "error",
  check(wiring) {
    return distinctHops(wiring).flatMap((trafficPath) => {
      const { listener, bind, proxy } = trafficPath;
      const clients = knownValue(listener.protocol);
      const targets = knownValue(listener.targetProtocol);
      if (trafficPath.port !== 443 || bind.ssl || proxy.mode.value !== "http") return [];
      if (!(clients === "tcp" && targets === "tcp") && !(clients === "http" && targets === "http")) return [];
      return {
        what: "neither the load balancer nor HAProxy terminates the TLS of port 443",
        why: "Clients of an `https://` URL start a TLS handshake on this port. HAProxy reads it as a request and answers 400.",
        remedy:
          "Terminate TLS at the load balancer (a listener with a certificate), or at HAProxy (`bind … ssl crt FILE`).",
        at: [
          noted(listener.protocol.at ?? listener.at, `forwards ${clients}`),
          ...between(trafficPath),
          noted(bind.address.at, "no `ssl`"),
        ],
        described: {
          remedy:
            "Write `public: { tls: { terminatedAt: haproxy, certificates: [...] } }`, or a load balancer that terminates TLS.",
          field: ["public", "tls"],
        },
      };
    });
  },
};
