// What the plan's screen says of one backend.
import type { BackendPlan, HealthTiming } from "../../plan/backend-plan.ts";
import { formatDurationMs } from "../../plan/durations.ts";
import { type Row, rawRows } from "./plan-rows.ts";

export function backendRows({
  name,
  servers,
  balance,
  health,
  retries,
  keepAlive,
  timeouts,
  raw,
}: BackendPlan): readonly Row[] {
  return [
    { name, value: servers.map(({ host, port }) => `${host}:${port}`).join(", ") },
    ...(balance === null ? [] : [{ name: "  balance", value: balance.value, because: balance.because }]),
    {
      name: "  health",
      value:
        health.kind === "http"
          ? `${health.method} ${health.path} at ${health.host}`
          : health.kind === "tcp"
            ? "a connection that opens"
            : "not checked",
    },
    ...(health.kind === "none" ? [] : [checkRow(health)]),
    { name: "  retries", value: String(retries.value), because: retries.because },
    { name: "  keep-alive", value: keepAlive.value ? "yes" : "no", because: keepAlive.because },
    ...timeoutRows(timeouts),
    ...rawRows("", raw),
  ];
}

/** How often is asked, and how many answers decide, in one row: every reason once. */
function checkRow({ intervalMs, timeoutMs, rise, fall }: HealthTiming): Row {
  const reasons = new Set([intervalMs, timeoutMs, fall, rise].map(({ because }) => because));
  const own = [...reasons].filter((because) => because !== "described");
  return {
    name: "  asked",
    value: `every ${formatDurationMs(intervalMs.value)} for ${formatDurationMs(timeoutMs.value)}; down after ${fall.value}, up after ${rise.value}`,
    because: own.length === 0 ? "described" : own.join("; "),
  };
}

/** Only those that the backend has of its own. */
function timeoutRows({ connectMs, serverMs, queueMs, tunnelMs }: BackendPlan["timeouts"]): readonly Row[] {
  const own = Object.entries({
    connect: connectMs,
    server: serverMs,
    queue: queueMs,
    tunnel: tunnelMs,
  }).flatMap(([name, ms]) => (ms === null ? [] : [`${name} ${formatDurationMs(ms)}`]));
  return own.length === 0 ? [] : [{ name: "  timeouts", value: own.join(", "), because: "described" }];
}
