// Durations of a description in ms, within what HAProxy's timers hold.
import { parseDurationMs } from "../description/text.ts";
import type { Described } from "./described.ts";
import type { DescriptionPath, Lowering } from "./lowering.ts";

/** HAProxy's timers are signed 32-bit milliseconds: 24.8 days (manual section 2.5). */
export const LONGEST_MS = 24 * 24 * 3_600_000;

/** The described duration in ms; nothing, and a finding, where it cannot be. */
export function inMs(lowering: Lowering, duration: Described<string>): Described<number> {
  return duration.map((text) => optionalMs(lowering, text, duration.path) ?? undefined);
}

/** The described duration in ms, or null when there is none or it is invalid. */
export function optionalMs(
  lowering: Lowering,
  text: string | undefined,
  path: DescriptionPath,
): number | null {
  if (text === undefined) return null;
  const ms = Math.round(parseDurationMs(text));
  if (ms >= 1 && ms <= LONGEST_MS) return ms;
  lowering.report({
    code: "duration-out-of-range",
    what: ms < 1 ? `${text} is shorter than 1 ms` : `${text} is longer than HAProxy's timers`,
    why:
      ms < 1
        ? "HAProxy reads 0 as no timeout and would wait without a limit."
        : "HAProxy's timers end at 24.8 days, and it does not start with a longer one.",
    remedy: ms < 1 ? "Write `1ms` or more." : "Write `24d` or less.",
    path,
  });
  return null;
}

/** `1500` → `1500ms`, `30000` → `30s`: the shortest text HAProxy reads as the same time (manual section 2.5). */
export function formatDurationMs(ms: number): string {
  if (ms === 0) return "0";
  for (const [unit, per] of [
    ["d", 86_400_000],
    ["h", 3_600_000],
    ["m", 60_000],
    ["s", 1000],
  ] as const) {
    if (ms % per === 0) return `${ms / per}${unit}`;
  }
  return `${ms}ms`;
}
