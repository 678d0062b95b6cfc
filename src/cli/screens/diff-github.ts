// A diff as workflow commands: GitHub Actions shows the changed requests at the lines of a pull request that cause them.
import type { Cause, Comparison, Requests } from "../../diff/comparison.ts";
import { groupChanges } from "../../diff/group.ts";
import type { Finding } from "../../findings/finding.ts";
import { maskedConfigLine } from "../../findings/masked-text.ts";
import { renderGithub, workflowCommand } from "../../findings/render-github.ts";

/** A line for each kind of request that changes or may change, and for what was not compared; empty for none. `findings`: as in `diffJson`. */
export function diffGithub(
  { changed, undecided, incomplete }: Comparison,
  findings: readonly Finding[],
): string {
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
    ...incomplete.map((text) => line(null, "Not all requests were compared", [text])),
  ].join("\n");
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
