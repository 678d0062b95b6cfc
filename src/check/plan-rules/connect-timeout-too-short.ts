// connect-timeout-too-short: connect timeout shorter than one TCP retransmission.

import { formatDurationMs } from "../../plan/durations.ts";
import { groupsOf } from "../groups.ts";
import type { PlanRule } from "../plan-rule.ts";
import { listOf } from "../wording.ts";

/** A lost SYN is sent again after 1 s (RFC 6298, 2.1); all tries together should last as long. */
const LEAST_MS = 1000;

export const connectTimeoutTooShort: PlanRule = {
  code: "connect-timeout-too-short",
  severity: "warning",
  check({ plan, at }) {
    const short = plan.backends.filter(({ timeouts, retries }) => {
      const connectMs = timeouts.connectMs ?? plan.timeouts.connect.value;
      return connectMs * (retries.value + 1) < LEAST_MS;
    });
    // One line of the description is one finding, however many backends it is for.
    const groups = groupsOf(short, ({ timeouts, variantOf, name, retries }) =>
      [timeouts.connectMs === null ? "" : (variantOf ?? name), retries.value].join(" "),
    );
    return groups.map((backends) => {
      const [first] = backends;
      const connectMs = first.timeouts.connectMs ?? plan.timeouts.connect.value;
      const tries = first.retries.value + 1;
      const name = first.variantOf ?? first.name;
      return {
        what: `${tries === 1 ? "one try" : `${tries} tries`} of ${formatDurationMs(connectMs)} to connect to ${listOf(backends.map((backend) => backend.variantOf ?? backend.name))}`,
        why: "A server that pauses for a moment, with its CPU throttled or its queue of connections full, is given up before the lost packet is sent again after 1 s (RFC 6298, 2.1): the request gets 503.",
        remedy: "Write a `connect` of 1s or more, or enough `retries` that all tries together last a second.",
        at: [at(["backends", name, "timeouts", "connect"]) ?? at(["timeouts", "connect"]) ?? first.at],
      };
    });
  },
};
