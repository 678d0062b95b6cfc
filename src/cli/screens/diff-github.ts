// A diff as workflow commands: GitHub Actions shows the changed requests at the lines of a pull request that cause them.
import type { Cause, Comparison, Requests } from "../../diff/comparison.ts";
import { groupChanges } from "../../diff/group.ts";
import { probeText } from "../../diff/probe.ts";
import { maskedDifference } from "../../findings/credentials.ts";
import type { Finding } from "../../findings/finding.ts";
import { maskedConfigLine } from "../../findings/masked-text.ts";
import { renderGithub, workflowCommand } from "../../findings/render-github.ts";

/** A line for each kind of request that changes or may change, and for what was not compared; empty: no request changes. `findings`: as in `diffJson`. */
export function diffGithub(comparison: Comparison, findings: readonly Finding[]): string {
  const { changed, undecided, disagreements } = comparison;
  return [
    ...(findings.length === 0 ? [] : [renderGithub(findings).trimEnd()]),
    ...groupChanges(changed).map(({ first, more }) =>
      line(first.because, "Requests change their outcome", [
        ...textsOf(first),
        ...(more === 0 ? [] : [`and ${more} more like it`]),
      ]),
    ),
    ...undecided.map((one) =>
      line(one.because, "Requests may change their outcome", [
        ...textsOf(one),
        ...one.dependsOn.map((text) => `depends on ${text}`),
      ]),
    ),
    ...notCompared(comparison),
    ...disagreements.map(({ probe, differences }) =>
      line(null, "HAProxy does not answer as predicted", [
        probeText(probe),
        ...differences
          .map(maskedDifference)
          .map(({ what, expected, got }) => `${what}: predicted ${expected}, got ${got}`),
        "This is a defect of Portico.",
      ]),
    ),
  ].join("\n");
}

/** No output means that no request changes. */
function notCompared({ except, incomplete, notExamined, notRun }: Comparison): readonly string[] {
  const lists: readonly (readonly [title: string, texts: readonly string[]])[] = [
    ["Requests may differ where it depends on these lines", except.map(({ text }) => text)],
    ["Not all requests were compared", incomplete],
    ["Not examined", notExamined],
    ["Not run", notRun],
  ];
  return lists.flatMap(([title, texts]) => (texts.length === 0 ? [] : [line(null, title, texts)]));
}

function textsOf({ requests, before, after }: Requests): readonly string[] {
  return [requests, `before: ${before}`, `after: ${after}`];
}

/** A removed line is not in the files of the pull request. */
function line(because: Cause | null, title: string, texts: readonly string[]): string {
  const at = because?.side === "after" ? because.at : undefined;
  const place = at === undefined ? {} : { file: at.file, line: at.line };
  return workflowCommand("notice", { ...place, title }, texts.map(maskedConfigLine).join("\n"));
}
