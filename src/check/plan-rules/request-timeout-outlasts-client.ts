// request-timeout-outlasts-client: request timeout longer than the client timeout.
import { formatDurationMs } from "../../plan/durations.ts";
import type { PlanRule } from "../rule.ts";

export const requestTimeoutOutlastsClient: PlanRule = {
  code: "request-timeout-outlasts-client",
  severity: "note",
  check({ plan, at }) {
    const { request, client } = plan.timeouts;
    if (request.value <= client.value) return [];
    return {
      what: `\`request\` is ${formatDurationMs(request.value)}, longer than \`client\` of ${formatDurationMs(client.value)}`,
      why: `HAProxy closes the connection of an idle client after \`client\`. The longer \`request\` applies only to a client that sends a byte from time to time, as slow-header attacks do.`,
      remedy: "Write a `request` that is shorter than `client`, such as `10s`.",
      at: [at(["timeouts", "request"]) ?? at(["timeouts", "client"])],
    };
  },
};
