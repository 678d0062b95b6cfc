// keep-alive-off: new server connection for every request.
import type { PlanRule } from "../plan-rule.ts";

export const keepAliveOff: PlanRule = {
  code: "keep-alive-off",
  severity: "note",
  check({ plan, at }) {
    return plan.backends
      .filter(({ variantOf, keepAlive }) => variantOf === null && !keepAlive.value)
      .map(({ name, at: place }) => ({
        what: `each request to \`${name}\` opens a connection of its own`,
        why: "Its latency grows by a round trip (two with TLS), and HAProxy serves a fraction of the requests that it could.",
        remedy: "Leave `keepAlive: false` out, unless the servers mishandle connections that are used again.",
        at: [at(["backends", name, "keepAlive"]) ?? place],
      }));
  },
};
