// Where HAProxy's log goes: stdout, a socket, a syslog server, or the rsyslogd of its own container.
import type { ImagePlan } from "./image-plan.ts";
import type { Lowering } from "./lowering.ts";
import type { LogsPlan } from "./plan.ts";

export function lowerLogs({ edge, report }: Lowering, image: ImagePlan): LogsPlan {
  const { logs } = edge;
  const inContainer = image.logs.value === "rsyslog";
  if (inContainer && logs?.to !== undefined)
    report({
      code: "log-target-twice",
      what: `the log goes to \`${logs.to}\` and to the container's rsyslogd`,
      why: "HAProxy writes it to the one, and the other waits for ever.",
      remedy: "Leave out `logs.to` or `image.logs`.",
      path: ["logs", "to"],
      also: { path: ["image", "logs"], note: "the other" },
    });
  return {
    to: inContainer
      ? {
          value: `${image.runFolder}/log`,
          because: "the container's rsyslogd listens there and writes to stdout",
        }
      : logs?.to === undefined
        ? {
            value: "stdout",
            because: "the container's log is Kubernetes' matter; no syslog daemon is needed",
          }
        : { value: logs.to, because: "described" },
    format: logs?.format ?? "json",
    facility: logs?.facility ?? "local0",
    level: logs?.level ?? "info",
  };
}
