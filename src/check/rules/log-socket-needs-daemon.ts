// log-socket-needs-daemon: log to a socket that needs a syslog daemon.

import { type SocketLog, socketLogs } from "../layers/socket-logs.ts";
import type { Rule, RuleFinding } from "../rule.ts";

export const logSocketNeedsDaemon: Rule = {
  code: "log-socket-needs-daemon",
  severity: "note",
  check: (wiring) =>
    socketLogs(wiring)
      .filter(({ daemon }) => daemon === undefined)
      .map((log) => ({
        ...(STANDARD_STREAMS.has(log.path) ? takenForSocket(log) : withoutReader(log)),
        remedy: "Write `log stdout format raw local0`, which needs no daemon.",
        at: log.logs.map(({ at }) => at),
        described: {
          remedy:
            "Remove `to`: the log then goes to stdout, which needs no daemon. Or write `image: { logs: rsyslog }`.",
        },
      })),
};

const STANDARD_STREAMS: ReadonlySet<string> = new Set(["/dev/stdout", "/dev/stderr"]);

function withoutReader({ path, layer }: SocketLog): Pick<RuleFinding, "what" | "why"> {
  if (layer.image === undefined && layer.runBy === undefined) {
    return {
      what: `the log goes to ${path}, which a syslog daemon must read`,
      why: "The daemon must run in the same container: without it every line is lost, and HAProxy does not report it. With it, lines are dropped when it is too slow.",
    };
  }
  return {
    what: `the log goes to ${path}, which a syslog daemon in the same container must read`,
    why: `${layer.image === undefined ? "Without a daemon," : "The image installs none:"} every line is lost, and HAProxy does not report it. With a daemon, lines are dropped when it is too slow.`,
  };
}

/** `log /dev/stdout`: any path is that of a UNIX socket (2.6 to 3.4). */
function takenForSocket({ path }: SocketLog): Pick<RuleFinding, "what" | "why"> {
  return {
    what: `HAProxy reads \`${path}\` as the path of a UNIX socket`,
    why: "No daemon receives log lines there: every line is lost.",
  };
}
