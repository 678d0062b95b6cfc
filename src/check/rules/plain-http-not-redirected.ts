// plain-http-not-redirected: plain HTTP serves the same content as HTTPS.
import type { HaproxyProxy } from "../../wiring/haproxy/wiring.ts";
import { knownValue } from "../../wiring/written.ts";
import { keyOf, onceEach } from "../groups.ts";
import { type BalancedWay, balancedWays, between } from "../layers/hops.ts";
import { turnsAway } from "../layers/schemes.ts";
import type { Rule } from "../rule.ts";
import { noted } from "../wording.ts";

export const plainHttpNotRedirected: Rule = {
  code: "plain-http-not-redirected",
  severity: "warning",
  check(wiring) {
    const trafficPaths = balancedWays(wiring);
    const secure = Map.groupBy(
      trafficPaths.filter((way) => isSecure(way) && way.proxy.mode.value === "http"),
      ({ loadBalancer }) => loadBalancer,
    );
    const plain = trafficPaths.filter(
      (way) =>
        way.port === 80 &&
        !isSecure(way) &&
        !way.listener.redirectsToHttps &&
        way.proxy.mode.value === "http" &&
        !turnsAway(way.proxy),
    );
    return onceEach(plain, ({ bind }) => keyOf(bind.address.at)).flatMap((way) => {
      const served = backendsOf(way.proxy);
      const other = secure
        .get(way.loadBalancer)
        ?.find(({ proxy }) => proxy !== way.proxy && backendsOf(proxy).some((name) => served.includes(name)));
      if (other === undefined) return [];
      return {
        what: `\`${way.proxy.name}\` serves over plain HTTP what \`${other.proxy.name}\` serves over TLS`,
        why: "Anyone on the network path can read and change every request to `http://`, cookies and passwords included.",
        remedy: `Write \`http-request redirect scheme https code 301\` in \`${way.proxy.name}\`.`,
        at: [
          noted(way.proxy.defaultBackend?.at ?? way.proxy.at, "served without a redirect"),
          noted(way.bind.address.at, "plain HTTP"),
          ...between(way),
          noted(way.listener.at, "port 80"),
        ],
      };
    });
  },
};

function isSecure({ listener, bind }: BalancedWay): boolean {
  const clients = knownValue(listener.protocol);
  return clients === "tls" || clients === "https" || bind.ssl;
}

function backendsOf(proxy: HaproxyProxy): readonly string[] {
  return [
    ...(proxy.defaultBackend === undefined ? [] : [proxy.defaultBackend.value]),
    ...proxy.useBackends.map(({ name }) => name),
    ...(proxy.servers.length > 0 ? [proxy.name] : []),
  ];
}
