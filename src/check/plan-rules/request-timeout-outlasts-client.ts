// request-timeout-outlasts-client: request timeout longer than the client timeout.
import { formatDurationMs } from "../../plan/durations.ts";
import type { PlanRule } from "../plan-rule.ts";

export const requestTimeoutOutlastsClient: PlanRule = {
  code: "request-timeout-outlasts-client",
  severity: "note",
  check({ plan, at }) {
    const { request, client } = plan.timeouts;
    if (request.value <= client.value) return [];
    return [
      {
        what: `a request's head may take ${formatDurationMs(request.value)}, and a client may be silent for ${formatDurationMs(client.value)}`,
        why: `A client that falls silent is ended by the shorter time; the longer one is only for one that sends a byte now and then, which is how slow attacks look.`,
        remedy: "Write a `request` that is shorter than `client`; 10s is plenty.",
        at: [at(["timeouts", "request"]) ?? at(["timeouts", "client"])],
      },
    ];
  },
};
