// log-socket-needs-daemon: logs go to a socket that nothing in the container reads.
import type { LayerRule } from "../layers/layer-rule.ts";
import { socketLogs } from "../layers/socket-logs.ts";

export const logSocketNeedsDaemon: LayerRule = {
  code: "log-socket-needs-daemon",
  severity: "note",
  about: "logs to a socket that a daemon in the container must read",
  check: (wiring) =>
    socketLogs(wiring)
      .filter(({ daemon }) => daemon === null)
      .map(({ path, logs, layer }) => ({
        what: `the log goes to ${path}, which a syslog daemon in the same container must read`,
        why: `${layer.image === null ? "Without one" : "The image installs none:"} every line is lost, and HAProxy does not say so; with one, lines are dropped when it falls behind.`,
        remedy: "Write `log stdout format raw local0`: nothing is lost while the container's log is read.",
        at: logs.map(({ at }) => at),
      })),
};
