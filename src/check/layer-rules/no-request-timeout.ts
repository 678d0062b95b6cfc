// no-request-timeout: nothing limits how long a client may take to send the head of a request.
import type { HaproxyProxy } from "../../wiring/haproxy/wiring.ts";
import { clientSides, fixByLine, reachOf } from "../layers/haproxy-view.ts";
import type { LayerFinding, LayerRule } from "../layers/layer-rule.ts";

export const noRequestTimeout: LayerRule = {
  code: "no-request-timeout",
  severity: "warning",
  about: "a request's head waited for without end",
  check(wiring) {
    const open = clientSides(wiring).filter(
      (placed) =>
        placed.proxy.mode.value === "http" &&
        !placed.proxy.timeouts.has("http-request") &&
        reachOf(wiring, placed) !== "itself",
    );
    // Said once for all frontends that take their settings from the same place.
    const groups = Map.groupBy(open, ({ proxy }) => proxy.parent?.section ?? proxy.section);
    return [...groups].map(([section, proxies]): LayerFinding => {
      const [{ layer, proxy }] = proxies as [(typeof proxies)[number]];
      const where = section.kind === "defaults" ? "`defaults`" : `\`${proxy.name}\``;
      const fix = fixByLine(layer, section, "timeout http-request 10s");
      return {
        what: `${where} has no \`timeout http-request\``,
        why: "A client that sends a byte of its header now and then holds a connection without end; a few thousand of them, from one machine, use up `maxconn` and nobody else gets in.",
        remedy: `Write \`timeout http-request 10s\` in ${where}.`,
        at: [proxy.timeouts.get("client")?.at ?? headerOf(proxy), ...proxies.map((one) => one.proxy.at)],
        ...(fix && { fix }),
      };
    });
  },
};

function headerOf(proxy: HaproxyProxy) {
  return proxy.parent?.at ?? null;
}
