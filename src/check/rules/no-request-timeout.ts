// no-request-timeout: no time limit for request headers.
import type { HaproxyProxy } from "../../wiring/haproxy/wiring.ts";
import { clientSides, fixByLine, reachOf } from "../layers/haproxy-view.ts";
import type { Rule, RuleFinding } from "../rule.ts";

export const noRequestTimeout: Rule = {
  code: "no-request-timeout",
  severity: "warning",
  check(wiring) {
    const open = clientSides(wiring).filter(
      (placed) =>
        placed.proxy.mode.value === "http" &&
        !placed.proxy.timeouts.has("http-request") &&
        reachOf(wiring, placed) !== "itself",
    );
    // Reported once for all frontends that inherit from the same section.
    const groups = Map.groupBy(open, ({ proxy }) => proxy.parent?.section ?? proxy.section);
    return [...groups].map(([section, proxies]): RuleFinding => {
      const [{ layer, proxy }] = proxies as [(typeof proxies)[number]];
      const where = section.kind === "defaults" ? "`defaults`" : `\`${proxy.name}\``;
      const fix = fixByLine(layer, section, "timeout http-request 10s");
      return {
        what: `${where} has no \`timeout http-request\``,
        why: "A client that sends one byte of its headers from time to time holds a connection without a limit. A few thousand such connections, from one machine, reach `maxconn`, and HAProxy accepts no other client.",
        remedy: `Write \`timeout http-request 10s\` in ${where}.`,
        at: [proxy.timeouts.get("client")?.at ?? headerOf(proxy), ...proxies.map((one) => one.proxy.at)],
        ...(fix && { fix }),
      };
    });
  },
};

function headerOf(proxy: HaproxyProxy) {
  return proxy.parent?.at;
}
