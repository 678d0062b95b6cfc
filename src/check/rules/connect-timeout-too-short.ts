// connect-timeout-too-short: connections given up before a lost packet is sent again.

import type { BackendPlan } from "../../plan/backend-plan.ts";
import { formatDurationMs } from "../../plan/durations.ts";
import type { Rule } from "../rule.ts";
import { listOf } from "../wording.ts";

/** A lost SYN is sent again after 1 s (RFC 6298, 2.1); all tries together should last as long. */
const LEAST_MS = 1000;

export const connectTimeoutTooShort: Rule = {
  code: "connect-timeout-too-short",
  severity: "warning",
  about: "connect timeouts that a short pause of a server exceeds, tries included",
  check({ plan, at }) {
    const groups = new Map<string, BackendPlan[]>();
    for (const backend of plan.backends) {
      const connectMs = backend.timeouts.connectMs ?? plan.timeouts.connect.value;
      if (connectMs * (backend.retries.value + 1) >= LEAST_MS) continue;
      // One line of the description is one finding, however many backends it is for.
      const key = `${backend.timeouts.connectMs === null ? "" : (backend.variantOf ?? backend.name)} ${backend.retries.value}`;
      groups.set(key, [...(groups.get(key) ?? []), backend]);
    }
    return [...groups.values()].flatMap((backends) => {
      const [first] = backends;
      if (first === undefined) return [];
      const connectMs = first.timeouts.connectMs ?? plan.timeouts.connect.value;
      const tries = first.retries.value + 1;
      const name = first.variantOf ?? first.name;
      return [
        {
          what: `${tries === 1 ? "one try" : `${tries} tries`} of ${formatDurationMs(connectMs)} to connect to ${listOf(backends.map((backend) => backend.variantOf ?? backend.name))}`,
          why: "A server that pauses for a moment, with its CPU throttled or its queue of connections full, is given up before the lost packet is sent again after 1 s (RFC 6298, 2.1): the request gets 503.",
          remedy:
            "Write a `connect` of 1s or more, or enough `retries` that all tries together last a second.",
          at: [at(["backends", name, "timeouts", "connect"]) ?? at(["timeouts", "connect"]) ?? first.at],
        },
      ];
    });
  },
};
