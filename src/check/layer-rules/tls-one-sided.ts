// tls-one-sided: one end of a hop speaks TLS, and the other does not.
import { knownValue } from "../../wiring/wiring.ts";
import { type BalancedWay, between, distinctHops, portOf } from "../layers/hops.ts";
import type { LayerFinding, LayerRule } from "../layers/layer-rule.ts";
import { noted } from "../wording.ts";

export const tlsOneSided: LayerRule = {
  code: "tls-one-sided",
  severity: "error",
  about: "TLS that ends twice, or that only one end of a hop speaks",
  check(wiring) {
    return distinctHops(wiring).flatMap((way) => {
      const clients = knownValue(way.listener.protocol);
      const targets = knownValue(way.listener.targetProtocol);
      if (clients === undefined || targets === undefined) return [];
      const balancerSpeaksTls = targets === "tls" || targets === "https";
      const ended = clients === "tls" || clients === "https";
      if (balancerSpeaksTls && !way.bind.ssl && way.proxy.mode.value === "http") return [plainBind(way)];
      // Passed through as it comes, it may well be the clients' own TLS.
      const plain = targets === "http" || (targets === "tcp" && (ended || way.port === 80));
      return plain && way.bind.ssl ? [tlsBind(way, ended)] : [];
    });
  },
};

function tlsBind(way: BalancedWay, ended: boolean): LayerFinding {
  const { listener, bind } = way;
  return {
    what: ended
      ? "TLS ends at the load balancer, and HAProxy expects it once more"
      : "HAProxy expects TLS where plain HTTP arrives",
    why: `No request through ${portOf(way)} arrives: HAProxy waits for a TLS handshake, gets plain bytes, and closes the connection.`,
    remedy: ended
      ? "Take `ssl` away from the bind, or have the load balancer speak TLS to its targets."
      : `Lead ${portOf(way)} to a bind without \`ssl\`.`,
    at: [
      noted(
        (ended ? listener.protocol.at : listener.targetProtocol.at) ?? listener.at,
        ended ? "TLS ends here" : "plain from here",
      ),
      ...between(way),
      noted(bind.address.at, "waits for a TLS handshake"),
    ],
  };
}

function plainBind(way: BalancedWay): LayerFinding {
  const { listener, bind } = way;
  return {
    what: "the load balancer speaks TLS to HAProxy, which expects plain HTTP",
    why: `Every request through ${portOf(way)} fails: HAProxy takes the TLS handshake for a request and answers it with 400.`,
    remedy: "Write `ssl crt FILE` on the bind, or have the load balancer speak plain TCP to its targets.",
    at: [
      noted(listener.targetProtocol.at ?? listener.at, "TLS from here"),
      ...between(way),
      noted(bind.address.at, "reads it as a request"),
    ],
  };
}
