// forwarded-header-first-entry: the client address is read from the first entry of X-Forwarded-For, which clients can set.

import { readCondition } from "../../wiring/haproxy/condition.ts";
import type { Expression } from "../../wiring/haproxy/expression.ts";
import { expressionsOf, headerOf, testsOf } from "../layers/conditions.ts";
import { clientSides, linesFor, pathsTo, placeOf } from "../layers/haproxy-view.ts";
import { kindOf } from "../layers/hops.ts";
import { sendsRequests } from "../layers/idle.ts";
import type { Rule } from "../rule.ts";
import { noted } from "../wording.ts";

export const forwardedHeaderFirstEntry: Rule = {
  code: "forwarded-header-first-entry",
  severity: "warning",
  check: (wiring) =>
    clientSides(wiring).flatMap(({ layer, proxy }) => {
      const behind = pathsTo(wiring, proxy.binds).find(
        ({ listener }) => listener !== undefined && sendsRequests(listener) === true,
      );
      if (behind?.loadBalancer === undefined) return [];
      const { loadBalancer, listener } = behind;
      return linesFor(proxy).flatMap((line) => {
        const tests = testsOf(proxy, readCondition(line)).map(({ test }) => test.expression);
        if (![...expressionsOf(line), ...tests].some(readsFirstEntry)) return [];
        return {
          what: `\`${proxy.name}\` reads the first entry of X-Forwarded-For, which the client writes`,
          why: `${kindOf(loadBalancer).replace(/^./, (letter) => letter.toUpperCase())} appends the client address to the header that it gets: the last entry is its own, and everything before it is what the client sent. A client can claim any address.`,
          remedy:
            "Read the last entry: `hdr(x-forwarded-for,-1)`, or `hdr(x-forwarded-for)`, which is the last one as well.",
          at: [placeOf(layer.config, line), noted(listener?.at, "appends the client address")],
        };
      });
    }),
};

/** `hdr(x-forwarded-for,1)` counts from the first entry (manual 3.2, section 7.3.6, req.hdr); `req.fhdr(…),word(1,",")` reads the whole line. */
function readsFirstEntry(expression: Expression | undefined): boolean {
  if (headerOf(expression) !== "x-forwarded-for") return false;
  const [fetch, ...converters] = expression?.calls ?? [];
  if (/fhdr/.test(fetch?.name ?? ""))
    return converters.some(
      ({ name, arguments: [first] }) => /^(?:word|field)$/.test(name) && Number(first?.value) > 0,
    );
  return Number(fetch?.arguments[1]?.value) > 0;
}
