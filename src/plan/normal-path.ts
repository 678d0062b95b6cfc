// A path of the description in the form that requests are compared in.
import { parsePath } from "../description/path.ts";
import { sentence } from "../findings/sentence.ts";
import type { DescriptionPath, Lowering } from "./lowering.ts";

/** A described path in the form that requests are compared in; reported, and `/`, where it has none. */
export function normalPath(lowering: Lowering, text: string, path: DescriptionPath): string {
  const outcome = parsePath(text, lowering.edge.paths ?? "normal");
  if ("path" in outcome) return outcome.path;
  lowering.report({
    code: "invalid-path",
    what: `${JSON.stringify(text)} is not a path that a request can have`,
    why: sentence(outcome.problem),
    remedy: "Write the path of the URL, from the first `/` to before the `?`.",
    path,
  });
  return "/";
}
