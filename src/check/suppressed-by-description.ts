// Suppressions in a description: by `check: { allow: … }`, and by comments on its lines.

import type { FindingCode } from "../findings/codes.ts";
import type { Finding, Position } from "../findings/finding.ts";
import type { Edge } from "../plan/lowering.ts";
import type { CheckedDescription } from "./check-plan.ts";
import {
  applySuppressions,
  cannotBeSuppressed,
  isSuppressible,
  type Suppression,
  suppressionsIn,
} from "./suppressions.ts";

/** The findings, with suppressed ones marked, and findings about invalid suppressions. */
export function suppressed(
  findings: readonly Finding[],
  description: CheckedDescription,
  sources: ReadonlyMap<string, string>,
): readonly Finding[] {
  const comments = suppressionsIn(sources);
  const listed = listedIn(description.edge).map((entry, index) => ({
    ...entry,
    at: placeOf(description, index),
  }));
  const suppressions: Suppression[] = [...comments.suppressions];
  const invalid: Finding[] = [...comments.findings];
  for (const { code, ...entry } of listed) {
    if (isSuppressible(code)) suppressions.push(suppressionOf({ code, ...entry }));
    else invalid.push(cannotBeSuppressed(code, entry.at));
  }
  return applySuppressions(findings, { suppressions, findings: invalid });
}

type Listed = NonNullable<NonNullable<Edge["check"]>["allow"]>[number];

function listedIn(edge: Edge): readonly Listed[] {
  return edge.check?.allow ?? [];
}

function placeOf(description: CheckedDescription, index: number): Position {
  return (
    description.positionOf(["check", "allow", index, "code"]) ?? {
      file: description.file,
      line: 1,
      column: 1,
    }
  );
}

function suppressionOf({
  code,
  because,
  for: name,
  at,
}: Listed & { readonly code: FindingCode; readonly at: Position }): Suppression {
  return {
    code,
    because,
    at,
    for: name,
    // Findings name what they are about between backquotes.
    covers: ({ what }) => name === undefined || what.includes(`\`${name}\``),
  };
}
