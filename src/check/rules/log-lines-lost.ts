// log-lines-lost: logs through a syslog daemon in the container.

import { socketLogs } from "../layers/socket-logs.ts";
import type { Rule } from "../rule.ts";
import { noted } from "../wording.ts";

export const logLinesLost: Rule = {
  code: "log-lines-lost",
  severity: "note",
  check: (wiring) =>
    socketLogs(wiring).flatMap(({ path, logs, daemon }) =>
      daemon === undefined
        ? []
        : {
            what: `log lines go through ${path} to ${daemon.value} in the container`,
            why: "Lines that arrive faster than the daemon reads are dropped silently: a few in a thousand at 10,000 lines per second, more than a quarter at full load, and all of them if the daemon exits.",
            remedy: "Write `log stdout format raw local0`, and remove the daemon from the image.",
            at: [...logs.map(({ at }) => at), noted(daemon.at, "reads the socket")],
          },
    ),
};
