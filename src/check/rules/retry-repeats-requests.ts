// retry-repeats-requests: `retry-on` sends a POST request again.

import type { HaproxyLine } from "../../wiring/haproxy/config.ts";
import type { HaproxyProxy } from "../../wiring/haproxy/wiring.ts";
import type { Wiring } from "../../wiring/wiring.ts";
import { groupsOf, keyOf } from "../groups.ts";
import { REFUSALS } from "../layers/actions.ts";
import {
  leadersOf,
  linesFor,
  type PlacedProxy,
  placeOf,
  serverSides,
  settingLine,
} from "../layers/haproxy-view.ts";
import { memoized } from "../layers/memoized.ts";
import type { Rule, RuleFinding } from "../rule.ts";
import { listOf } from "../wording.ts";

/** Events after which the server may have processed the request (manual 3.4, section 4.2, `retry-on`). */
const AFTER_SENDING: ReadonlySet<string> = new Set([
  "all-retryable-errors",
  "empty-response",
  "junk-response",
  "response-timeout",
  "500",
  "502",
  "503",
  "504",
]);

interface Repeating extends PlacedProxy {
  readonly line: HaproxyLine;
}

export const retryRepeatsRequests: Rule = {
  code: "retry-repeats-requests",
  severity: "warning",
  check(wiring) {
    const found = serverSides(wiring).flatMap((placed) => repeating(wiring, placed));
    const byLine = groupsOf(found, ({ layer, line }) => keyOf(placeOf(layer.config, line)));
    return byLine.map((group): RuleFinding => {
      const [{ layer, line }] = group;
      const events = eventsOf(line).filter((event) => AFTER_SENDING.has(event));
      return {
        what: `\`retry-on ${events.join(" ")}\` repeats requests of any method to ${listOf(group.map(({ proxy }) => proxy.name))}`,
        why: "A server that fails or does not respond after it has read a request may have processed it: HAProxy then sends the same POST again, up to `retries` times, and an order or a payment can be made twice.",
        remedy:
          "Write `http-request disable-l7-retry unless METH_GET` in the backend, or `retry-on conn-failure`.",
        at: [placeOf(layer.config, line), ...group.slice(0, 3).map(({ proxy }) => proxy.at)],
      };
    });
  },
};

function repeating(wiring: Wiring, placed: PlacedProxy): readonly Repeating[] {
  const { proxy } = placed;
  const line = settingLine(proxy, "retry-on");
  if (line === undefined || proxy.mode.value !== "http" || proxy.servers.length === 0) return [];
  if (!eventsOf(line).some((event) => AFTER_SENDING.has(event))) return [];
  if (settingLine(proxy, "retries")?.tokens[1]?.value === "0") return [];
  const passed = [proxy, ...leadersOf(wiring, placed).map((leader) => leader.proxy)];
  return passed.some(looksAtMethods) ? [] : [{ ...placed, line }];
}

function eventsOf({ tokens }: HaproxyLine): readonly string[] {
  return tokens.slice(1).map(({ value }) => value);
}

/** Some requests are not repeated, or some methods are refused: the author chose which requests may be repeated. */
const looksAtMethods = memoized((proxy: HaproxyProxy): boolean =>
  linesFor(proxy, "http-request").some(({ tokens: [, action], text }) => {
    if (action?.value === "disable-l7-retry") return true;
    return [...REFUSALS, "return"].includes(action?.value ?? "") && /\bMETH_|\bmethod\b/.test(text);
  }),
);
