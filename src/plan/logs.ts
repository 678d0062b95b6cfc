// Where HAProxy's log goes: stdout, a socket, a syslog server, or the rsyslogd of its own container.
import { DEFAULTS } from "../description/defaults.ts";
import { chosen, decide } from "./described.ts";
import type { ImagePlan } from "./image-plan.ts";
import type { Lowering } from "./lowering.ts";
import type { LogsPlan } from "./plan.ts";

export function lowerLogs({ edge, described, report }: Lowering, image: ImagePlan): LogsPlan {
  const { logs } = edge;
  const inContainer = image.logs.value === "rsyslog";
  if (inContainer && logs?.to !== undefined)
    report({
      code: "conflicting-log-targets",
      what: `\`logs.to: ${logs.to}\` conflicts with \`image.logs: rsyslog\``,
      why: "HAProxy writes its log to one target only, and rsyslogd in the container would receive no lines.",
      remedy: "Remove `logs.to` or `image.logs`.",
      path: ["logs", "to"],
      also: { path: ["image", "logs"], note: "the other" },
    });
  return {
    to: inContainer
      ? chosen(`${image.runFolder}/log`, "the container's rsyslogd, which writes to stdout", image.logs)
      : decide(
          described.get("logs").get("to"),
          DEFAULTS.logs.to,
          "the container log; needs no syslog daemon",
        ),
    format: logs?.format ?? DEFAULTS.logs.format,
    facility: logs?.facility ?? DEFAULTS.logs.facility,
    level: logs?.level ?? DEFAULTS.logs.level,
  };
}
