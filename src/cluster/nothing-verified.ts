// Reports when no expectation could be compared, so that "done" does not look like a proof.
import type { Finding } from "../findings/finding.ts";
import type { TargetResult } from "../lab/target.ts";

/** undefined when at least one was compared. `applied`: after a deploy. */
export function nothingVerified(
  results: readonly TargetResult[],
  { applied }: { readonly applied: boolean },
): Finding | undefined {
  if (results.some(({ verdict }) => verdict !== "unseen")) return undefined;
  const left = applied ? "; the edge is left as applied" : "";
  const none = results.length === 0;
  return {
    code: "nothing-verified",
    severity: "error",
    what: `nothing was verified: ${none ? "the description has no expectations" : reasonsIn(results).join("; ")}${left}`,
    why: "Whether the edge works as expected is unknown.",
    remedy: none
      ? "Add `expect` with a request and its expected outcome."
      : `Run it where the nodes are reachable, or name addresses that lead to them: \`${applied ? "--nodes ADDRESS,ADDRESS" : "--target nodes=ADDRESS,ADDRESS"}\`.`,
    at: [],
  };
}

function reasonsIn(results: readonly TargetResult[]): readonly string[] {
  return [
    ...new Set(results.map(({ notTested, unseen }) => notTested ?? `not visible: ${unseen.join(", ")}`)),
  ];
}
