// redirect-loop: redirects of haproxy.cfg that form a loop.
import { countOf } from "../../findings/count.ts";
import type { RedirectLoop } from "../../space/redirects/redirect-loops.ts";
import { keyOf, onceEach } from "../groups.ts";
import { redirectLoopsIn } from "../layers/redirect-loops.ts";
import type { Rule, RuleFinding } from "../rule.ts";

export const redirectLoop: Rule = {
  code: "redirect-loop",
  severity: "error",
  writtenByHand: true,
  check: (wiring) =>
    redirectLoopsIn(wiring).flatMap(({ loops }) =>
      onceEach(loops, ({ steps }) => placesOf(steps).sort().join()).map(finding),
    ),
};

function placesOf(steps: RedirectLoop["steps"]): string[] {
  return [...new Set(steps.map(({ rule: { at, text } }) => (at === undefined ? text : keyOf(at))))];
}

const MOST_STEPS = 3;

function finding({ witness, steps, grows }: RedirectLoop): RuleFinding {
  const urls = steps.slice(0, MOST_STEPS).map(({ url }) => url);
  const chain = [...urls, grows || steps.length > MOST_STEPS ? "…" : urls[0]];
  const headers = witness.headers.map(([name, value]) => `\`${name}: ${value}\``);
  return {
    what: `\`${steps[0]?.rule.text ?? ""}\` ${fault(steps, grows)}`,
    why: `A browser${headers.length > 0 ? ` whose request has ${headers.join(" and ")}` : ""} follows ${chain.join(" → ")} and stops with "too many redirects".`,
    remedy: "Exclude the target of the redirect with a condition, or change the target.",
    at: onceEach(
      steps.flatMap(({ rule: { at } }) => at ?? []),
      keyOf,
    ),
  };
}

function fault({ length }: readonly unknown[], grows: boolean): string {
  if (grows) return "never ends";
  return length === 1
    ? "redirects a request to itself"
    : `returns to the same request after ${countOf(length, "step")}`;
}
