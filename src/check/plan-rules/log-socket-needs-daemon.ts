// log-socket-needs-daemon: log to a socket that needs a syslog daemon.
import type { PlanRule } from "../plan-rule.ts";

export const logSocketNeedsDaemon: PlanRule = {
  code: "log-socket-needs-daemon",
  severity: "note",
  check({ plan, at }) {
    const { to, format } = plan.logs;
    if (!to.value.startsWith("/") || format === "off" || plan.image.logs.value === "rsyslog") return [];
    return [
      {
        what: `the log goes to ${to.value}, which a syslog daemon in the same container must read`,
        why: "Without one every line is lost, and HAProxy does not say so; with one, lines are dropped when it falls behind.",
        remedy:
          "Leave `to` out: on stdout nothing is lost while the reader keeps up. Or run the daemon in the image.",
        at: [at(["logs", "to"])],
      },
    ];
  },
};
