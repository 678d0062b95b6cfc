// Which regular expressions a description may hold: those that PCRE2 and the model read alike, and that no request can make explode.
import { isSafe } from "redos-detector";

const MAX_LENGTH = 512;

/**
 * What is wrong with a regular expression, or undefined. Accepted is what PCRE2 (HAProxy, manual 7.1.3) and JavaScript
 * read the same on bytes: no look-behind, no back-reference, no inline option, printable ASCII only. A repetition
 * within a repetition that can match the same text in several ways is refused: HAProxy matches on its event loop, so
 * one such request would stop every other. What is left is bounded by a match limit where it is emitted.
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
  let compiled: RegExp;
  try {
    compiled = new RegExp(source, "u");
  } catch (error) {
    return `does not compile: ${(error as Error).message.replace(/^Invalid regular expression: /, "")}`;
  }
  if (repeatsRepetition(source) && backtracks(compiled))
    return "a repetition within a repetition matches the same text in many ways; one long request could stop HAProxy";
  return undefined;
}

/** Whether an unbounded quantifier stands on a group that holds another: `(a+)+`, `([a-z]+/)*`. */
function repeatsRepetition(source: string): boolean {
  const holds: boolean[] = [false];
  const tokens = source.matchAll(/\\.|\[(?:\\.|[^\]\\])*\]|\(\?[:=!]|[()]|[*+]|\{\d+,\}|[\s\S]/g);
  let closed = false;
  for (const [token] of tokens) {
    const unbounded = token === "*" || token === "+" || /^\{\d+,\}$/.test(token);
    if (unbounded && closed) return true;
    closed = false;
    if (token.startsWith("(")) holds.push(false);
    else if (token === ")") {
      closed = holds.pop() ?? false;
      if (closed) holds[holds.length - 1] = true;
    } else if (unbounded) holds[holds.length - 1] = true;
  }
  return false;
}

function backtracks(compiled: RegExp): boolean {
  try {
    return !isSafe(compiled, { timeout: 200 }).safe;
  } catch {
    return true;
  }
}
