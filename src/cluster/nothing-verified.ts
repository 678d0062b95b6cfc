// Expectations of which none was seen to come true or not: whoever reads "done" would take them for proven.
import type { Finding } from "../findings/finding.ts";
import type { TargetResult } from "../lab/target.ts";

/** undefined when at least one was compared. `applied`: a deploy has just put the edge there. */
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
    why: "Whether the edge does what is expected of it is not known.",
    remedy: none
      ? "Add `expect` with a request and what must come of it."
      : `Run it where the nodes are reached, or name addresses that lead to them: \`${applied ? "--nodes ADDRESS,ADDRESS" : "--target nodes=ADDRESS,ADDRESS"}\`.`,
    at: [],
  };
}

/** Each once. */
function reasonsIn(results: readonly TargetResult[]): readonly string[] {
  return [...new Set(results.map(({ notTested, unseen }) => notTested ?? `not seen: ${unseen.join(", ")}`))];
}
