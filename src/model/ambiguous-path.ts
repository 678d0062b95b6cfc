// Whether servers may interpret a path differently, and which part of it is the reason.
import { AMBIGUOUS_SPELLINGS } from "../plan/ambiguous-paths.ts";

/** A clause such as `the path has %2F, which many servers decode to /`; undefined: there is no such part. */
export function ambiguousPart(path: string): string | undefined {
  for (const { pattern, read } of AMBIGUOUS_SPELLINGS) {
    const [found] = new RegExp(pattern, "i").exec(path) ?? [];
    if (found !== undefined) return `the path has ${found}, ${read}`;
  }
  return undefined;
}
