// request-timeout-outlasts-client: request timeout longer than the client timeout.
import { formatDurationMs } from "../../plan/durations.ts";
import { keyOf, onceEach } from "../groups.ts";
import { clientSides, knownSetting } from "../layers/haproxy-view.ts";
import type { Rule } from "../rule.ts";
import { noted } from "../wording.ts";

export const requestTimeoutOutlastsClient: Rule = {
  code: "request-timeout-outlasts-client",
  severity: "note",
  check(wiring) {
    const found = clientSides(wiring).flatMap(({ proxy }) => {
      const [request, client] = ["http-request", "client"].map((name) =>
        knownSetting(proxy.timeouts.get(name)),
      );
      if (request === undefined || client === undefined || request.value <= client.value) return [];
      return proxy.mode.value === "http" ? [{ request, client }] : [];
    });
    return onceEach(found, ({ request, client }) => `${keyOf(request.at)} ${keyOf(client.at)}`).map(
      ({ request, client }) => ({
        what: `\`timeout http-request\` is ${formatDurationMs(request.value)}, longer than \`timeout client\` of ${formatDurationMs(client.value)}`,
        why: "HAProxy closes the connection of an idle client after `timeout client`. The longer `timeout http-request` applies only to a client that sends a byte from time to time, as slow-header attacks do.",
        remedy: "Write a `timeout http-request` that is shorter than `timeout client`, such as `10s`.",
        at: [request.at, noted(client.at, "ends first for an idle client")],
        described: { remedy: "Write a `request` that is shorter than `client`, such as `10s`." },
      }),
    );
  },
};
