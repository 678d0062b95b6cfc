// A diff as JSON: every change, and every file.
import type { ChangedRequests, Comparison } from "../../diff/comparison.ts";
import { changedDetails, type Outcome } from "../../diff/outcome.ts";
import { maskedJson } from "../../findings/credentials.ts";
import type { Finding } from "../../findings/finding.ts";

/** `findings`: why HAProxy does not start with a side. */
export function diffJson(comparison: Comparison, findings: readonly Finding[] = []): string {
  const { changed, undecided, proven, except, incomplete } = comparison;
  const { files, otherChanges, notRun, examined, notExamined, disagreements } = comparison;
  return maskedJson({
    ...(findings.length > 0 && { findings }),
    proven,
    changed: changed.map(changedJson),
    undecided,
    except: except.map(({ text, at = null }) => ({ text, at })),
    incomplete,
    otherChanges,
    notRun,
    files,
    examined,
    notExamined,
    disagreements: disagreements.map(({ probe: request, side, differences }) => ({
      request,
      side,
      differences,
    })),
  });
}

function changedJson({ sent, confirmed, unconfirmed, ...requests }: ChangedRequests) {
  return {
    ...requests,
    request: sent?.probe ?? null,
    answers: sent === undefined ? null : { before: outcome(sent.before), after: outcome(sent.after) },
    details: sent === undefined ? [] : changedDetails(sent.before, sent.after),
    confirmed,
    unconfirmed: unconfirmed ?? null,
  };
}

function outcome({ text, details }: Outcome): Readonly<Record<string, unknown>> {
  return { text, details: Object.fromEntries(details) };
}
