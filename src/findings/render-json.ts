// Findings as JSON: the same fields as the Finding type, under one stable key.
import type { Finding } from "./finding.ts";
import { maskedFinding } from "./masked-finding.ts";

/** `{ "findings": [ … ] }`, indented, with a line break at its end. All findings, never cut. */
export function renderJson(findings: readonly Finding[]): string {
  return `${JSON.stringify({ findings: findings.map((finding) => inOrder(maskedFinding(finding))) }, null, 2)}\n`;
}

function inOrder({ code, severity, what, why, remedy, at, fix, suppressed }: Finding): Finding {
  return {
    code,
    severity,
    what,
    why,
    remedy,
    at,
    ...(fix !== undefined && { fix }),
    ...(suppressed !== undefined && { suppressed }),
  };
}
