// The changed requests of a diff at the lines that cause the changes.
import type { Cause, Comparison, Requests } from "../../diff/comparison.ts";
import { groupChanges } from "../../diff/group.ts";
import { probeText } from "../../diff/probe.ts";
import type { Annotation, AnnotationRule } from "../../findings/annotation.ts";
import { maskedDifference } from "../../findings/credentials.ts";
import { maskedConfigLine } from "../../findings/masked-text.ts";

/** One for each kind of request that changes or may change, and for what was not compared; none: no request changes. */
export function diffAnnotations(comparison: Comparison): readonly Annotation[] {
  const { changed, undecided, disagreements } = comparison;
  return [
    ...groupChanges(changed).map(({ first, more }) =>
      note("outcome-changes", first.because, [
        ...textsOf(first),
        ...(more === 0 ? [] : [`and ${more} more like it`]),
      ]),
    ),
    ...undecided.map((one) =>
      note("outcome-may-change", one.because, [
        ...textsOf(one),
        ...one.dependsOn.map((text) => `depends on ${text}`),
      ]),
    ),
    ...notCompared(comparison),
    ...disagreements.map(({ probe, differences }) =>
      note("prediction-wrong", null, [
        probeText(probe),
        ...differences
          .map(maskedDifference)
          .map(({ what, expected, got }) => `${what}: predicted ${expected}, got ${got}`),
        "This is a defect of Portico.",
      ]),
    ),
  ];
}

/** No annotation means that no request changes. */
function notCompared({ except, incomplete, notExamined, notRun }: Comparison): readonly Annotation[] {
  const lists: readonly (readonly [rule: AnnotationRule, texts: readonly string[]])[] = [
    ["outcome-depends-on-lines", except.map(({ text }) => text)],
    ["not-compared", incomplete],
    ["not-examined", notExamined],
    ["side-not-run", notRun],
  ];
  return lists.flatMap(([rule, texts]) => (texts.length === 0 ? [] : [note(rule, null, texts)]));
}

function textsOf({ requests, before, after }: Requests): readonly string[] {
  return [requests, `before: ${before}`, `after: ${after}`];
}

/** A removed line is not in the later files. */
function note(rule: AnnotationRule, because: Cause | null, texts: readonly string[]): Annotation {
  const at = because?.side === "after" ? because.at : undefined;
  return { rule, severity: "note", at, message: texts.map(maskedConfigLine).join("\n") };
}
