// Markdown tables, aligned for terminals too.

export type Row = readonly string[];

export function table(head: Row, rows: readonly Row[]): string {
  const all = [head, ...rows];
  const widths = head.map((_, column) => Math.max(...all.map((row) => (row[column] ?? "").length)));
  const line = (row: Row) =>
    `| ${widths.map((width, column) => (column === 0 ? (row[column] ?? "").padEnd(width) : (row[column] ?? "").padStart(width))).join(" | ")} |`;
  const rule = `| ${widths.map((width, column) => (column === 0 ? "-".repeat(width) : `${"-".repeat(width - 1)}:`)).join(" | ")} |`;
  return [line(head), rule, ...rows.map(line)].join("\n");
}

/** A ratio with its goal, as in `0.83 (goal 0.80)`. */
export function against(ratio: number, goal: number | undefined): string {
  if (goal === undefined) return ratio.toFixed(2);
  return `${ratio.toFixed(2)} ${ratio >= goal ? "✓" : "✗"} ${goal.toFixed(2)}`;
}
