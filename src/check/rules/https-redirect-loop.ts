// https-redirect-loop: redirect to HTTPS for requests that used HTTPS.

import { readCondition } from "../../wiring/haproxy/condition.ts";
import { directiveOf, type HaproxyLine } from "../../wiring/haproxy/config.ts";
import type { TrafficPath } from "../../wiring/wiring.ts";
import { knownValue } from "../../wiring/written.ts";
import { headerOf, type PlacedTest, testsOf } from "../layers/conditions.ts";
import { lineageOf, placeOf } from "../layers/haproxy-view.ts";
import type { Rule } from "../rule.ts";
import { noted } from "../wording.ts";

export const httpsRedirectLoop: Rule = {
  code: "https-redirect-loop",
  severity: "error",
  check: (wiring) =>
    wiring.trafficPaths.flatMap((trafficPath) => {
      const { listener, bind, proxy, haproxy, servicePort } = trafficPath;
      if (
        listener === undefined ||
        bind === undefined ||
        proxy === undefined ||
        haproxy === undefined ||
        bind.ssl
      )
        return [];
      const protocol = knownValue(listener.protocol);
      // A redirect to https:// returns to port 443.
      if ((protocol !== "tls" && protocol !== "https") || trafficPath.port !== 443) return [];
      const lines = lineageOf(proxy)
        .toReversed()
        .flatMap(({ section }) => section.lines);
      const line = lines.find((one) => toHttps(one) && returnsHere(trafficPath, one));
      if (line === undefined) return [];
      return {
        what: `\`${proxy.name}\` redirects HTTPS requests to HTTPS`,
        why: 'The load balancer terminates TLS and HAProxy gets plain HTTP: the redirect goes to the same port and returns to this line. Browsers stop with "too many redirects".',
        remedy:
          "Move the redirect to the port that the plain listener of the load balancer forwards to, or set a variable by the port of the request.",
        at: [
          placeOf(haproxy.config, line),
          noted(listener.protocol.at, "terminates TLS"),
          servicePort?.at,
          bind.address.at,
        ],
      };
    }),
};

function toHttps(line: HaproxyLine): boolean {
  const words = directiveOf(line).words.map(({ value }) => value);
  const [kind, target = ""] =
    words[0] === "http-request" ? words.slice(1, 4).filter((word) => word !== "redirect") : words.slice(1);
  if (words[words[0] === "http-request" ? 1 : 0] !== "redirect") return false;
  if (kind === "scheme") return target === "https";
  return (kind === "location" || kind === "prefix") && /^https:\/\/%\[(req\.)?f?hdr\(host\)/i.test(target);
}

/** Whether the same request matches the redirect again over HTTPS: only conditions on the scheme differ. */
function returnsHere(trafficPath: TrafficPath, line: HaproxyLine): boolean {
  const condition = readCondition(line);
  if (condition === undefined) return true;
  if (trafficPath.proxy === undefined || condition.anyOf.length !== 1) return false;
  const tests = testsOf(trafficPath.proxy, condition);
  // A predefined or missing ACL: unknown.
  if (tests.length < condition.terms.length) return false;
  return tests.every((test) => staysTrue(trafficPath, test));
}

function staysTrue(trafficPath: TrafficPath, { test, negated }: PlacedTest): boolean {
  const fetch = test.expression?.calls[0]?.name ?? "";
  if (fetch === "ssl_fc") return negated;
  const header = headerOf(test.expression);
  if (header === "x-forwarded-proto" || header === "x-forwarded-ssl" || header === "x-forwarded-port") {
    const protocol = trafficPath.listener && knownValue(trafficPath.listener.targetProtocol);
    // A TCP load balancer sets no header; an HTTP load balancer sets https.
    return protocol === "tcp" && negated;
  }
  return header !== undefined || /^(path|url|method|base|query|urlp)(_[a-z]+)?$/.test(fetch);
}
