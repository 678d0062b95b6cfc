// timeout-outlasts-load-balancer: server timeout longer than the load balancer's idle timeout.
import { formatDurationMs } from "../../plan/durations.ts";
import { knownIdleTimeoutMs } from "../idle-timeout.ts";
import type { CheckContext, PlanRule, PlanRuleFinding } from "../plan-rule.ts";

export const timeoutOutlastsLoadBalancer: PlanRule = {
  code: "timeout-outlasts-load-balancer",
  severity: "warning",
  check(context) {
    const { plan, at } = context;
    const idleMs = knownIdleTimeoutMs(plan);
    if (idleMs === null) return [];
    const found: PlanRuleFinding[] = [];
    const report = (who: string, kind: Kind, ms: number | null, place: PlanRuleFinding["at"][number]) => {
      if (kind === "tunnel" && keptAlive(context)) return;
      if (ms !== null && ms >= idleMs) found.push(finding(context, who, kind, { ms, idleMs }, place));
    };
    report("a backend", "server", plan.timeouts.server.value, at(["timeouts", "server"]));
    for (const { name, variantOf, timeouts, at: place } of plan.backends) {
      if (variantOf !== null) continue;
      report(
        `\`${name}\``,
        "server",
        timeouts.serverMs,
        at(["backends", name, "timeouts", "server"]) ?? place,
      );
      report(
        `\`${name}\``,
        "tunnel",
        timeouts.tunnelMs,
        at(["backends", name, "timeouts", "tunnel"]) ?? place,
      );
    }
    for (const { id, timeouts, at: place } of plan.sites.flatMap(({ routes }) => routes)) {
      report(`\`${id}\``, "server", timeouts.serverMs, place);
      report(`\`${id}\``, "tunnel", timeouts.tunnelMs, place);
    }
    return found;
  },
};

/** TCP keep-alive restarts the idle timer on every port that serves. */
function keptAlive({ plan: { tcpKeepAlive, listeners, loadBalancer } }: CheckContext): boolean {
  const serving = listeners.filter(({ entrance, does }) => entrance === "public" && does === "serve");
  return (
    tcpKeepAlive !== null &&
    loadBalancer.ports
      .filter(({ listener }) => serving.some(({ name }) => name === listener))
      .every(({ protocol }) => protocol === "tcp")
  );
}

type Kind = "server" | "tunnel";

function finding(
  { at, plan }: CheckContext,
  who: string,
  kind: Kind,
  { ms, idleMs }: { readonly ms: number; readonly idleMs: number },
  place: PlanRuleFinding["at"][number],
): PlanRuleFinding {
  const [wait, idle] = [formatDurationMs(ms), formatDurationMs(idleMs)];
  const server = kind === "server";
  const reads = plan.loadBalancer.kind === "http";
  const unanswered = reads
    ? `A load balancer that reads requests waits no longer than that for an answer: after ${idle} it gives the client a 504 of its own, and the backend works for nobody.`
    : `A request without an answer is silent on the client's connection as well: after ${idle} the load balancer cuts it, and the client gets no answer at all instead of a 504.`;
  return {
    what: server
      ? `HAProxy waits ${wait} for ${who}, the load balancer ${idle}`
      : `a WebSocket of ${who} may be silent for ${wait}, and the load balancer cuts it after ${idle}`,
    why: server
      ? unanswered
      : `The load balancer closes every connection on which no data is sent for ${idle}, whatever HAProxy allows${plan.loadBalancer.kind === "aws-nlb" ? "; TCP keep-alive does not help on a TLS listener of an NLB (AWS)" : ""}.`,
    remedy: `${server ? "Write a shorter time" : "Let the application send a ping more often, or write a shorter time"}, or a longer \`idleTimeout\` of the load balancer.`,
    at: [place, at(["public", "loadBalancer", "idleTimeout"])],
  };
}
