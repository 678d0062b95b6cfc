// What the plan's screen says of one backend.
import type { BackendPlan, HealthTiming, ServerPlan } from "../../plan/backend-plan.ts";
import { formatDurationMs } from "../../plan/durations.ts";
import { leafRows } from "./leaf-rows.ts";
import { rawRows } from "./plan-rows.ts";
import { type Row, row } from "./rows.ts";

export function backendRows({
  name,
  servers,
  balance,
  health,
  retries,
  keepAlive,
  timeouts,
  tls,
  raw,
  variantOf,
  // The line of the description is no decision.
  at: _,
  ...others
}: BackendPlan): readonly Row[] {
  const { checkSni = null, ...ofTls } = tls ?? {};
  return [
    { name, value: servers.map(({ host, port }) => `${host}:${port}`).join(", ") },
    ...leafRows("  ", { variantOf }),
    ...servers.flatMap(serverRows),
    ...(balance === null ? [] : [row("  balance", balance)]),
    {
      name: "  health",
      value:
        health.kind === "http"
          ? `${health.method} ${health.path} at ${health.host}`
          : health.kind === "tcp"
            ? "a connection that opens"
            : "not checked",
    },
    ...(health.kind === "http" ? leafRows("    ", { status: health.status }) : []),
    ...(health.kind === "none" ? [] : checkRows(health)),
    ...(checkSni === null ? [] : [row("    SNI", checkSni)]),
    row("  retries", retries),
    row("  keep-alive", keepAlive, (kept) => (kept ? "yes" : "no")),
    ...timeoutRows(timeouts),
    ...leafRows("  ", { tls: tls === null ? null : ofTls, ...others }),
    ...rawRows("", raw),
  ];
}

/** Its address is in the row of the backend. */
function serverRows({ name, host: _, port: __, backup, resolved, ...others }: ServerPlan): readonly Row[] {
  const rows = leafRows("    ", { ...others, ...(backup && { backup }), ...(resolved && { resolved }) });
  return rows.length === 0 ? [] : [{ name: `  server ${name}`, value: "" }, ...rows];
}

function checkRows({ intervalMs, timeoutMs, rise, fall }: HealthTiming): readonly Row[] {
  return [
    row("    every", intervalMs, formatDurationMs),
    row("    waits", timeoutMs, formatDurationMs),
    row("    down after", fall),
    row("    up after", rise),
  ];
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
