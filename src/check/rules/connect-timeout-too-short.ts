// connect-timeout-too-short: connect timeout shorter than one TCP retransmission.

import { countOf } from "../../findings/count.ts";
import { directiveOf } from "../../wiring/haproxy/config.ts";
import type { HaproxyProxy } from "../../wiring/haproxy/wiring.ts";
import { groupsOf } from "../groups.ts";
import { knownSetting, serverSides, settingLine } from "../layers/haproxy-view.ts";
import type { Rule } from "../rule.ts";
import { listOf } from "../wording.ts";

/** A lost SYN is sent again after 1 s (RFC 6298, 2.1); all attempts together should last as long. */
const LEAST_MS = 1000;

export const connectTimeoutTooShort: Rule = {
  code: "connect-timeout-too-short",
  severity: "warning",
  check(wiring) {
    const short = serverSides(wiring).flatMap(({ proxy }) => {
      const connect = knownSetting(proxy.timeouts.get("connect"));
      const tries = retriesOf(proxy) + 1;
      if (connect === undefined || connect.value * tries >= LEAST_MS || proxy.servers.length === 0) return [];
      return [{ proxy, connect, tries }];
    });
    const groups = groupsOf(short, ({ connect, tries }) => `${connect.at.file}:${connect.at.line} ${tries}`);
    return groups.map((group) => {
      const [first] = group;
      return {
        what: `connections to ${listOf(group.map(({ proxy }) => proxy.name))} fail after ${countOf(first.tries, "attempt")} of ${first.connect.value} ms`,
        why: "A server whose CPU is throttled or whose accept queue is full drops a SYN, which is retransmitted after 1 s (RFC 6298, 2.1). HAProxy gives up before that, and the request gets 503.",
        remedy: "Write `timeout connect 2s`: on a healthy network a connection takes about a millisecond.",
        at: [first.connect.at],
        described: {
          remedy:
            "Write a `connect` of 1s or more, or enough `retries` that all attempts together last a second.",
          field: ["backends", first.proxy.name, "timeouts", "connect"],
        },
      };
    });
  },
};

/** Default 3 (manual 3.2, section 4.2, `retries`). */
function retriesOf(proxy: HaproxyProxy): number {
  const line = settingLine(proxy, "retries");
  return Number((line && directiveOf(line).words[1]?.value) ?? 3);
}
