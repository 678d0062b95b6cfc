// timeout-outlasts-load-balancer: server timeout longer than the load balancer's idle timeout.
import { formatDurationMs } from "../../plan/durations.ts";
import type { HaproxyProxy } from "../../wiring/haproxy/wiring.ts";
import { knownValue } from "../../wiring/wiring.ts";
import { keyOf, onceEach } from "../groups.ts";
import { knownSetting } from "../layers/haproxy-view.ts";
import { type BalancedWay, balancedWays, oncePerPlaces } from "../layers/hops.ts";
import { speaksHttp } from "../layers/idle.ts";
import type { LayerRule } from "../layers/layer-rule.ts";
import { noted } from "../wording.ts";

export const timeoutOutlastsLoadBalancer: LayerRule = {
  code: "timeout-outlasts-load-balancer",
  severity: "warning",
  check(wiring) {
    const findings = onceEach(balancedWays(wiring), keyOfWay).flatMap((way) => {
      const { loadBalancer, listener } = way;
      const idleS = knownValue(loadBalancer.idleTimeoutS);
      const http = speaksHttp(listener);
      if (idleS === undefined || http === undefined) return [];
      return backendsOf(way).flatMap((backend) => {
        const waits = knownSetting(backend.timeouts.get("server"));
        if (waits === undefined || backend.mode.value !== "http" || waits.value < idleS * 1000) return [];
        const [idle, wait] = [idleS * 1000, waits.value].map(formatDurationMs);
        return [
          {
            what: `HAProxy waits ${wait} for a server of \`${backend.name}\`, and the load balancer waits ${idle}`,
            why: `While a server computes a response, no data flows on the load balancer's connection. After ${idle} the load balancer closes it, ${http ? "and answers 504 itself" : "and the client gets no response instead of a 504"}.`,
            remedy: `Write a \`timeout server\` below ${idle}, or set a longer idle timeout of the load balancer.`,
            at: [
              noted(waits.at, "waits for this time"),
              noted(loadBalancer.idleTimeoutS.at ?? loadBalancer.at, "closes after its idle timeout"),
            ],
          },
        ];
      });
    });
    return oncePerPlaces(findings);
  },
};

function keyOfWay({ loadBalancer, proxy }: BalancedWay): string {
  return `${loadBalancer.id} ${keyOf(proxy.at)}`;
}

/** Those that a frontend names; one that is computed for each request may be any. */
function backendsOf({ haproxy, proxy }: BalancedWay): readonly HaproxyProxy[] {
  if (proxy.servers.length > 0) return [proxy];
  const names = [proxy.defaultBackend?.value, ...proxy.useBackends.map(({ name }) => name)];
  const computed = names.some((name) => name?.includes("%["));
  return haproxy.wiring.proxies.filter(
    ({ kind, name, servers }) =>
      kind === "backend" && servers.length > 0 && (computed || names.includes(name)),
  );
}
