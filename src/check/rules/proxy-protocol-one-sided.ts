// proxy-protocol-one-sided: PROXY protocol on one end of a hop only.
import { knownValue } from "../../wiring/written.ts";
import { expectationOf } from "../layers/expects-proxy.ts";
import { type BalancedPath, between, distinctHops, portOf } from "../layers/hops.ts";
import type { Described, Rule, RuleFinding } from "../rule.ts";
import { noted } from "../wording.ts";

export const proxyProtocolOneSided: Rule = {
  code: "proxy-protocol-one-sided",
  severity: "error",
  check(wiring) {
    return distinctHops(wiring).flatMap((trafficPath) => {
      const sends = knownValue(trafficPath.listener.proxyProtocol);
      const expects = expectationOf(trafficPath.proxy, trafficPath.bind).when;
      if (sends === undefined || expects === "sometimes") return [];
      if (sends !== "none" && expects === "never") return [sentOnly(trafficPath, sends)];
      return sends === "none" && expects === "always" ? [expectedOnly(trafficPath)] : [];
    });
  },
};

const DESCRIBED: Described = {
  remedy:
    "Write the version that the load balancer sends in `proxyProtocol`, for each port; `none` if it sends no header.",
  field: ["public", "loadBalancer", "proxyProtocol"],
};

function sentOnly(trafficPath: BalancedPath, version: string): RuleFinding {
  const { listener, bind, proxy } = trafficPath;
  const bindLine = `bind ${bind.address.text}`;
  const withoutTls =
    proxy.mode.value === "http"
      ? "gets 400: HAProxy reads the header as a request"
      : "starts with bytes that the server does not expect";
  const happens = bind.ssl ? "fails in the TLS handshake" : withoutTls;
  return {
    what: "the load balancer sends PROXY headers that HAProxy does not expect",
    why: `Every connection to ${portOf(trafficPath)} ${happens}.`,
    remedy: `Write \`${bindLine} accept-proxy\`, or turn off the PROXY protocol for this port of the load balancer.`,
    at: [
      noted(listener.proxyProtocol.at ?? listener.at, `sends PROXY ${version}`),
      ...between(trafficPath),
      noted(bind.address.at, bind.ssl ? "reads it as a TLS handshake" : "reads it as a request"),
    ],
    described: DESCRIBED,
  };
}

function expectedOnly(trafficPath: BalancedPath): RuleFinding {
  const { listener, bind, proxy } = trafficPath;
  const expectation = expectationOf(proxy, bind);
  return {
    what: "HAProxy expects PROXY headers that the load balancer does not send",
    why: `HAProxy resets every connection to ${portOf(trafficPath)} when the client sends data, because the connection does not start with a PROXY header.`,
    remedy: `Turn on the PROXY protocol for this port of the load balancer, or remove ${bind.acceptProxy ? "`accept-proxy`" : "`expect-proxy`"}.`,
    at: [
      noted(listener.proxyProtocol.at ?? listener.at, "sends no PROXY header"),
      ...between(trafficPath),
      noted(expectation.at, "expects a PROXY header"),
    ],
    described: DESCRIBED,
  };
}
