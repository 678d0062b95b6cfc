// plain-http-not-redirected: plain HTTP serves the same content as HTTPS.
import type { HaproxyProxy } from "../../wiring/haproxy/wiring.ts";
import { knownValue } from "../../wiring/written.ts";
import { keyOf, onceEach } from "../groups.ts";
import { type BalancedPath, balancedPaths, between } from "../layers/hops.ts";
import { rejectsPlainHttp } from "../layers/schemes.ts";
import type { Rule } from "../rule.ts";
import { noted } from "../wording.ts";

export const plainHttpNotRedirected: Rule = {
  code: "plain-http-not-redirected",
  severity: "warning",
  check(wiring) {
    const trafficPaths = balancedPaths(wiring);
    const secure = Map.groupBy(
      trafficPaths.filter((trafficPath) => isSecure(trafficPath) && trafficPath.proxy.mode.value === "http"),
      ({ loadBalancer }) => loadBalancer,
    );
    const plain = trafficPaths.filter(
      (trafficPath) =>
        trafficPath.port === 80 &&
        !isSecure(trafficPath) &&
        !trafficPath.listener.redirectsToHttps &&
        trafficPath.proxy.mode.value === "http" &&
        !rejectsPlainHttp(trafficPath.proxy),
    );
    return onceEach(plain, ({ bind }) => keyOf(bind.address.at)).flatMap((trafficPath) => {
      const served = backendsOf(trafficPath.proxy);
      const other = secure
        .get(trafficPath.loadBalancer)
        ?.find(
          ({ proxy }) =>
            proxy !== trafficPath.proxy && backendsOf(proxy).some((name) => served.includes(name)),
        );
      if (other === undefined) return [];
      return {
        what: `\`${trafficPath.proxy.name}\` serves over plain HTTP what \`${other.proxy.name}\` serves over TLS`,
        why: "Anyone on the network path can read and change every request to `http://`, cookies and passwords included.",
        remedy: `Write \`http-request redirect scheme https code 301\` in \`${trafficPath.proxy.name}\`.`,
        at: [
          noted(trafficPath.proxy.defaultBackend?.at ?? trafficPath.proxy.at, "served without a redirect"),
          noted(trafficPath.bind.address.at, "plain HTTP"),
          ...between(trafficPath),
          noted(trafficPath.listener.at, "port 80"),
        ],
      };
    });
  },
};

function isSecure({ listener, bind }: BalancedPath): boolean {
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
