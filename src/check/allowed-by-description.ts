// What a description allows: by `check: { allow: … }`, and by comments beside its lines.

import type { FindingCode } from "../findings/codes.ts";
import type { Finding, Position } from "../findings/finding.ts";
import type { Edge } from "../plan/lowering.ts";
import type { CheckedDescription } from "./check-plan.ts";
import {
  type Allowance,
  allowancesIn,
  applyAllowances,
  cannotBeAllowed,
  isAllowable,
} from "./suppressions.ts";

/** The findings, those that the description allows marked as such, with what is wrong with the allowances themselves. */
export function allowed(
  findings: readonly Finding[],
  description: CheckedDescription,
  sources: ReadonlyMap<string, string>,
): readonly Finding[] {
  const comments = allowancesIn(sources);
  const listed = listedIn(description.edge).map((entry, index) => ({
    ...entry,
    at: placeOf(description, index),
  }));
  const allowances: Allowance[] = [...comments.allowances];
  const unclear: Finding[] = [...comments.findings];
  for (const { code, ...entry } of listed) {
    if (isAllowable(code)) allowances.push(allowanceOf({ code, ...entry }));
    else unclear.push(cannotBeAllowed(code, entry.at));
  }
  return applyAllowances(findings, { allowances, findings: unclear });
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

function allowanceOf({
  code,
  because,
  for: name,
  at,
}: Listed & { readonly code: FindingCode; readonly at: Position }): Allowance {
  return {
    code,
    because,
    at,
    // Findings name what they are about between backquotes.
    covers: ({ what }) => name === undefined || what.includes(`\`${name}\``),
  };
}
