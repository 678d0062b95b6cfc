// check-timeout-outlasts-interval: health check timeout longer than the check interval.
import { formatDurationMs } from "../../plan/durations.ts";
import type { PlanRule } from "../rule.ts";

export const checkTimeoutOutlastsInterval: PlanRule = {
  code: "check-timeout-outlasts-interval",
  severity: "note",
  check({ plan, at }) {
    return plan.backends.flatMap(({ name, variantOf, health, at: place }) => {
      if (variantOf !== null || health.kind === "none" || health.timeoutMs.value <= health.intervalMs.value)
        return [];
      const [timeout, interval] = [
        formatDurationMs(health.timeoutMs.value),
        formatDurationMs(health.intervalMs.value),
      ];
      return {
        what: `the health check of \`${name}\` has a timeout of ${timeout} and an interval of ${interval}`,
        why: `HAProxy runs the checks of a server one after the other: a server that hangs is marked down after ${health.fall.value} × ${timeout} instead of ${health.fall.value} × ${interval}, and gets requests until then.`,
        remedy: `Write a \`timeout\` of ${interval} or less.`,
        at: [
          at(["backends", name, "health", "timeout"]) ??
            at(["backends", name, "health", "interval"]) ??
            place,
        ],
      };
    });
  },
};
