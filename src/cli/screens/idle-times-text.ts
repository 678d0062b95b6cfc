// The table of idle timeouts: which side of each hop closes an idle connection first, and after how long.
import { closesFirst, type IdleTime, type Limit } from "../../check/layers/idle-times.ts";
import { columnsOf } from "../../findings/columns.ts";
import { formatDurationMs } from "../../plan/durations.ts";

const HEADINGS = ["PAIR", "STATE", "CLOSES AFTER", "SET BY"] as const;

export function idleTimesText(rows: readonly IdleTime[]): string {
  if (rows.length === 0) return "no path leads from a load balancer to HAProxy: no idle times to compare";
  const paths = [...Map.groupBy(rows, ({ start }) => start)];
  return paths
    .map(([start, own]) => `${start}\n${table([[...HEADINGS], ...own.flatMap(cellsOf)])}`)
    .join("\n\n");
}

/** The side that closes first is on the first line. */
function cellsOf(row: IdleTime): readonly (readonly string[])[] {
  const { pair, state, before, after } = row;
  const first = closesFirst(row);
  const limits = [before, after].filter(({ name }) => name !== "");
  const ordered = first === "after" ? limits.toReversed() : limits;
  return ordered.map((limit, index) => [
    index === 0 ? pair : "",
    index === 0 ? state : "",
    timeOf(limit),
    `${limit.name}${limit.at === undefined ? defaultOf(limit) : ` (${limit.at.file}:${limit.at.line})`}`,
  ]);
}

function timeOf({ ms }: Limit): string {
  return ms === undefined ? "–" : formatDurationMs(ms);
}

function defaultOf({ ms }: Limit): string {
  return ms === undefined ? "" : " (default)";
}

function table(cells: readonly (readonly string[])[]): string {
  const widths = HEADINGS.map((_, index) => Math.max(...cells.map((row) => columnsOf(row[index] ?? ""))));
  return cells
    .map((row) =>
      row
        .map((cell, index) => cell + " ".repeat((widths[index] ?? 0) - columnsOf(cell)))
        .join("  ")
        .trimEnd(),
    )
    .map((line) => `  ${line}`)
    .join("\n");
}
