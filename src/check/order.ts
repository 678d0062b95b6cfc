// The order of findings: by severity, then by place; the same for the same input.
import type { Finding, Severity } from "../findings/finding.ts";

const WEIGHT: Readonly<Record<Severity, number>> = { error: 0, warning: 1, note: 2 };

/** Errors, warnings, notes, each in the order of files and lines; findings without a place come last. */
export function byWeightAndPlace(a: Finding, b: Finding): number {
  const [first, second] = [a.at[0], b.at[0]];
  return (
    WEIGHT[a.severity] - WEIGHT[b.severity] ||
    Number(first === undefined) - Number(second === undefined) ||
    inOrder(first?.file ?? "", second?.file ?? "") ||
    (first?.line ?? 0) - (second?.line ?? 0) ||
    (first?.column ?? 0) - (second?.column ?? 0) ||
    inOrder(a.code, b.code) ||
    inOrder(a.what, b.what)
  );
}

function inOrder(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
