// keep-alive-outlasts-load-balancer: a load balancer of layer 4 cuts idle connections before HAProxy ends them.
import { formatDurationMs } from "../../plan/durations.ts";
import { knownValue } from "../../wiring/wiring.ts";
import { balancedWays, oncePerPlaces } from "../layers/hops.ts";
import { idleConnectionTime, speaksHttp } from "../layers/idle.ts";
import type { LayerRule } from "../layers/layer-rule.ts";
import { noted } from "../wording.ts";

export const keepAliveOutlastsLoadBalancer: LayerRule = {
  code: "keep-alive-outlasts-load-balancer",
  severity: "warning",
  about: "idle connections that the load balancer cuts first",
  check(wiring) {
    const findings = balancedWays(wiring).flatMap((way) => {
      const { loadBalancer, listener, proxy } = way;
      const idleS = knownValue(loadBalancer.idleTimeoutS);
      const keeps = idleConnectionTime(proxy);
      if (idleS === undefined || keeps === null || speaksHttp(listener) !== false) return [];
      if (keeps.value < idleS * 1000) return [];
      const [idle, kept] = [idleS * 1000, keeps.value].map(formatDurationMs);
      return [
        {
          what: `idle connections stay ${kept}, and the load balancer cuts them after ${idle}`,
          why: "A client that sends its next request at that moment loses it: the load balancer drops the connection without a word, while HAProxy would have ended it politely.",
          remedy: `Write a \`timeout http-keep-alive\` below ${idle}.`,
          at: [
            noted(keeps.at, "kept for so long"),
            noted(loadBalancer.idleTimeoutS.at ?? loadBalancer.at, "cut after its idle timeout"),
          ],
        },
      ];
    });
    return oncePerPlaces(findings);
  },
};
