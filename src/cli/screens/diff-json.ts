// A diff as JSON: every changed request, and every file.
import type { Comparison } from "../../diff/comparison.ts";
import { changedDetails, type Outcome } from "../../diff/outcome.ts";
import { maskedJson } from "../../findings/credentials.ts";

export function diffJson(comparison: Comparison): string {
  const { probes, tested, changed, raw, files, disagreements, examined, notExamined } = comparison;
  const { proven, unshown } = comparison;
  return maskedJson({
    requests: probes,
    tested,
    changed: changed.map(({ probe: { below: _, ...request }, before, after, because }) => ({
      request,
      before: outcome(before),
      after: outcome(after),
      details: changedDetails(before, after),
      because,
    })),
    proven,
    unshown,
    rawLines: raw,
    files,
    examined,
    notExamined,
    disagreements: disagreements.map(({ probe: { below: _, ...request }, differences }) => ({
      request,
      differences,
    })),
  });
}

function outcome({ text, details }: Outcome): Readonly<Record<string, unknown>> {
  return { text, details: Object.fromEntries(details) };
}
