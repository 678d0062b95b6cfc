// log-lines-lost: logs go through a syslog daemon's socket, which drops what comes too fast.
import type { LayerRule } from "../layers/layer-rule.ts";
import { socketLogs } from "../layers/socket-logs.ts";
import { noted } from "../wording.ts";

export const logLinesLost: LayerRule = {
  code: "log-lines-lost",
  severity: "note",
  about: "logs through a syslog daemon in the container",
  check: (wiring) =>
    socketLogs(wiring).flatMap(({ path, logs, daemon }) =>
      daemon === null
        ? []
        : [
            {
              what: `log lines go through ${path} to ${daemon.value} in the container`,
              why: "The socket drops what comes faster than the daemon reads, in silence: a few lines in a thousand at 10,000 a second, more than a quarter at full load. When the daemon ends, all of them.",
              remedy: "Write `log stdout format raw local0`, and leave the daemon out of the image.",
              at: [...logs.map(({ at }) => at), noted(daemon.at, "reads the socket")],
            },
          ],
    ),
};
