// The action of a line of haproxy.cfg, if it is a rule on requests.
import { directiveOf, type HaproxyLine } from "../../wiring/haproxy/config.ts";

/** Actions that refuse a request (manual 3.2, section 4.2, `http-request`); `tcp-request` has some of them. */
export const REFUSALS: readonly string[] = ["deny", "reject", "silent-drop", "tarpit"];

/** Actions with which HAProxy answers or refuses a request itself. */
export const ENDINGS: readonly string[] = [...REFUSALS, "redirect", "return"];

/** Actions that change the path by other means than `normalize-uri`. */
export const PATH_REWRITES: readonly string[] = [
  "set-path",
  "set-pathq",
  "set-uri",
  "replace-path",
  "replace-pathq",
  "replace-uri",
];

/** `deny` for `http-request deny …`, `redirect` for the statement `redirect …` too; undefined: no such rule. */
export function actionOf(line: HaproxyLine): string | undefined {
  const { negated, words } = directiveOf(line);
  const [first, second] = words.map(({ value }) => value);
  if (negated) return undefined;
  if (first === "http-request") return second;
  return first === "redirect" ? first : undefined;
}
