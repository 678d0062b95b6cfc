// Which regular expressions a description may contain: PCRE2 and the model read them the same, and no request makes them take exponential time.
import { growthOf } from "./regex-explosion.ts";

const MAX_LENGTH = 512;

/**
 * What is wrong with a regular expression, or undefined. Accepted is what PCRE2 (HAProxy, manual 7.1.3) and
 * JavaScript read the same on bytes: no look-behind, no back-reference, no inline option, printable ASCII only. In
 * haproxy.cfg a match limit (pcre2pattern) ends a search that takes too long, and the route counts as not matched. A
 * pattern with exponential time would reach the limit with a text of twenty characters, so it is refused.
 */
export function regexProblem(source: string): string | undefined {
  if (source === "") return "an empty regular expression matches everything";
  if (source.length > MAX_LENGTH) return `longer than ${MAX_LENGTH} characters`;
  if (!/^[\x20-\x7e]*$/.test(source)) return "printable ASCII only; HAProxy matches bytes, write \\xNN";
  const special = /\(\?(?![:=!])/.exec(source);
  if (special !== null)
    return `(?${source[special.index + 2] ?? ""} is not read the same by PCRE and the model; groups may be (…), (?:…), (?=…), (?!…)`;
  if (source.startsWith("(*")) return "(*VERBS) are PCRE's own";
  if (/\[\[[:.=]/.test(source))
    return "POSIX classes such as [[:alpha:]] are not read the same by PCRE and the model; write [A-Za-z]";
  const reference = /^(?:[^\\]|\\[^1-9kcpPuU])*\\([1-9kcpPuU])/.exec(source);
  if (reference !== null)
    return `\\${reference[1]} (back-references, control, Unicode) is not read the same by PCRE and the model`;
  try {
    new RegExp(source, "u");
  } catch (error) {
    return `does not compile: ${(error as Error).message.replace(/^Invalid regular expression: /, "")}`;
  }
  const growth = growthOf(source);
  if (growth === "exponential")
    return "the regular expression has exponential backtracking, as (a+)+ has; HAProxy would give up on a request of about 20 characters";
  if (growth === "unclear")
    return "the regular expression is too large to rule out exponential backtracking; make its repetitions smaller, or split it into several routes";
  return undefined;
}
