// tls-one-sided: TLS on one end of a hop only.
import { knownValue } from "../../wiring/written.ts";
import { type BalancedPath, between, distinctHops, portOf } from "../layers/hops.ts";
import type { Rule, RuleFinding } from "../rule.ts";
import { noted } from "../wording.ts";

export const tlsOneSided: Rule = {
  code: "tls-one-sided",
  severity: "error",
  check(wiring) {
    return distinctHops(wiring).flatMap((trafficPath) => {
      const clients = knownValue(trafficPath.listener.protocol);
      const targets = knownValue(trafficPath.listener.targetProtocol);
      if (clients === undefined || targets === undefined) return [];
      const balancerSpeaksTls = targets === "tls" || targets === "https";
      const ended = clients === "tls" || clients === "https";
      if (balancerSpeaksTls && !trafficPath.bind.ssl && trafficPath.proxy.mode.value === "http")
        return [plainBind(trafficPath)];
      // A TCP listener may forward the clients' TLS.
      const plain = targets === "http" || (targets === "tcp" && (ended || trafficPath.port === 80));
      return plain && trafficPath.bind.ssl ? [tlsBind(trafficPath, ended)] : [];
    });
  },
};

function tlsBind(trafficPath: BalancedPath, ended: boolean): RuleFinding {
  const { listener, bind } = trafficPath;
  return {
    what: ended
      ? "the load balancer terminates TLS, and HAProxy expects TLS again"
      : "HAProxy expects TLS on a port that gets plain HTTP",
    why: `No request through ${portOf(trafficPath)} arrives: HAProxy expects a TLS handshake, gets plain HTTP, and closes the connection.`,
    remedy: ended
      ? "Remove `ssl` from the bind, or let the load balancer use TLS to its targets."
      : `Forward ${portOf(trafficPath)} to a bind without \`ssl\`.`,
    at: [
      noted(
        (ended ? listener.protocol.at : listener.targetProtocol.at) ?? listener.at,
        ended ? "terminates TLS" : "forwards plain HTTP",
      ),
      ...between(trafficPath),
      noted(bind.address.at, "waits for a TLS handshake"),
    ],
  };
}

function plainBind(trafficPath: BalancedPath): RuleFinding {
  const { listener, bind } = trafficPath;
  return {
    what: "the load balancer uses TLS to HAProxy, which expects plain HTTP",
    why: `Every request through ${portOf(trafficPath)} fails: HAProxy reads the TLS handshake as a request and answers 400.`,
    remedy: "Write `ssl crt FILE` on the bind, or let the load balancer use plain TCP to its targets.",
    at: [
      noted(listener.targetProtocol.at ?? listener.at, "uses TLS to HAProxy"),
      ...between(trafficPath),
      noted(bind.address.at, "reads it as a request"),
    ],
  };
}
