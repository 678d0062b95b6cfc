// all-server-weights-zero: backend whose servers all have weight 0.
import { serverSides } from "../layers/haproxy-view.ts";
import type { Rule } from "../rule.ts";

export const allServerWeightsZero: Rule = {
  code: "all-server-weights-zero",
  severity: "error",
  check: (wiring) =>
    serverSides(wiring)
      // An agent may set another weight.
      .filter(
        ({ proxy: { servers } }) =>
          servers.length > 0 &&
          servers.every(({ weight, settings }) => weight?.value === "0" && !settings.has("agent-check")),
      )
      .map(({ proxy: { name, servers } }) => ({
        what: `all servers of \`${name}\` have weight 0`,
        why: "A server with weight 0 gets no new requests, and neither does a backup server: every request gets 503.",
        remedy: "Give at least one server a weight above 0.",
        at: servers.slice(0, 5).map(({ weight }) => weight?.at),
        described: { remedy: "Give at least one server a weight above 0." },
      })),
};
