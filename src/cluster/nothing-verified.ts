// Expectations of which none was seen to come true or not: whoever reads "done" would take them for proven.
import type { Finding } from "../findings/finding.ts";
import type { PlayedAtTarget } from "../lab/target.ts";

/** undefined when at least one was compared. `applied`: a deploy has just put the edge there. */
export function nothingVerified(
  played: readonly PlayedAtTarget[],
  { applied }: { readonly applied: boolean },
): Finding | undefined {
  if (played.some(({ verdict }) => verdict !== "unseen")) return undefined;
  const left = applied ? "; the edge is left as applied" : "";
  const none = played.length === 0;
  return {
    code: "nothing-verified",
    severity: "error",
    what: `nothing was verified: ${none ? "the description has no expectations" : reasonsIn(played).join("; ")}${left}`,
    why: "Whether the edge does what is expected of it is not known.",
    remedy: none
      ? "Add `expect` with a request and what must come of it."
      : `Run it where the nodes are reached, or name addresses that lead to them: \`${applied ? "--nodes ADDRESS,ADDRESS" : "--target nodes=ADDRESS,ADDRESS"}\`.`,
    at: [],
  };
}

/** Each once. */
function reasonsIn(played: readonly PlayedAtTarget[]): readonly string[] {
  return [...new Set(played.map(({ notPlayed, unseen }) => notPlayed ?? `not seen: ${unseen.join(", ")}`))];
}
