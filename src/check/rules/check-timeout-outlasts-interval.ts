// check-timeout-outlasts-interval: health check timeout longer than the check interval.
import { formatDurationMs } from "../../plan/durations.ts";
import { readDurationMs } from "../../wiring/haproxy/read-settings.ts";
import { groupsOf, keyOf } from "../groups.ts";
import { knownSetting, serverSides } from "../layers/haproxy-view.ts";
import type { Rule } from "../rule.ts";
import { listOf, noted } from "../wording.ts";

/** HAProxy's defaults (manual section 5.2, inter and fall). */
const INTERVAL = "2s";
const FALL = "3";

export const checkTimeoutOutlastsInterval: Rule = {
  code: "check-timeout-outlasts-interval",
  severity: "note",
  check(wiring) {
    const slow = serverSides(wiring).flatMap(({ proxy }) => {
      const timeout = knownSetting(proxy.timeouts.get("check"));
      const server = proxy.servers.find(({ check, settings }) => {
        const inter = readDurationMs(settings.get("inter")?.value ?? INTERVAL);
        return check && timeout !== undefined && inter !== undefined && timeout.value > inter;
      });
      return timeout === undefined || server === undefined ? [] : [{ proxy, timeout, server }];
    });
    // A line of `defaults` is reported once for each interval.
    const groups = groupsOf(
      slow,
      ({ timeout, server }) => `${keyOf(timeout.at)} ${server.settings.get("inter")?.value}`,
    );
    return groups.map((group) => {
      const [{ proxy, timeout, server }] = group;
      const inter = server.settings.get("inter");
      const [long, short] = [timeout.value, readDurationMs(inter?.value ?? INTERVAL) ?? 0].map(
        formatDurationMs,
      );
      const fall = server.settings.get("fall")?.value ?? FALL;
      return {
        what: `the health check of ${listOf(group.map((one) => one.proxy.name))} has a timeout of ${long} and an interval of ${short}`,
        why: `HAProxy runs the checks of a server one after the other: a server that hangs is marked down after ${fall} × ${long} instead of ${fall} × ${short}, and gets requests until then.`,
        remedy: `Write a \`timeout check\` of ${short} or less, or \`inter ${long}\` on the server line.`,
        at: [timeout.at, noted(inter?.at ?? server.at, `interval of ${short}`)],
        described: {
          remedy: `Write a \`timeout\` of ${short} or less.`,
          field: ["backends", proxy.name, "health", "timeout"],
        },
      };
    });
  },
};
