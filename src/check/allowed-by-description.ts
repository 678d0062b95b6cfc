// What a description allows: by `check: { allow: … }`, and by comments beside its lines.

import type { Finding, Position } from "../findings/finding.ts";
import type { Edge } from "../plan/lowering.ts";
import type { CheckedDescription } from "./check-plan.ts";
import { knownCodes } from "./codes.ts";
import { type Allowance, allowancesIn, applyAllowances, unknownCode } from "./suppressions.ts";

/** The findings, those that the description allows marked as such, with what is wrong with the allowances themselves. */
export function allowed(
  findings: readonly Finding[],
  description: CheckedDescription & { readonly file: string },
  sources: ReadonlyMap<string, string>,
): readonly Finding[] {
  const codes = knownCodes(findings);
  const comments = allowancesIn(sources, codes);
  const listed = listedIn(description.edge).map((entry, index) => ({
    ...entry,
    at: placeOf(description, index),
  }));
  const unknown = listed.filter(({ code }) => !codes.has(code));
  const allowances = listed.filter(({ code }) => codes.has(code)).map(allowanceOf);
  return applyAllowances(findings, {
    allowances: [...comments.allowances, ...allowances],
    findings: [...comments.findings, ...unknown.map(({ code, at }) => unknownCode(code, at, codes))],
  });
}

type Listed = NonNullable<NonNullable<Edge["check"]>["allow"]>[number];

function listedIn(edge: Edge): readonly Listed[] {
  return edge.check?.allow ?? [];
}

function placeOf(description: CheckedDescription & { readonly file: string }, index: number): Position {
  return (
    description.positionOf(["check", "allow", index, "code"]) ?? {
      file: description.file,
      line: 1,
      column: 1,
    }
  );
}

function allowanceOf({ code, because, for: name, at }: Listed & { readonly at: Position }): Allowance {
  return {
    code,
    because,
    at,
    // Findings name what they are about between backquotes.
    covers: ({ what }) => name === undefined || what.includes(`\`${name}\``),
  };
}
