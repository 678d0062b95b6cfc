// redirect-to-any-host: redirect to any host that the client sends.

import { readCondition } from "../../wiring/haproxy/condition.ts";
import { directiveOf, type HaproxyLine } from "../../wiring/haproxy/config.ts";
import { readFormat } from "../../wiring/haproxy/expression.ts";
import { actionOf, ENDINGS } from "../layers/actions.ts";
import { readsHost, testsOf, variablesFromHost } from "../layers/conditions.ts";
import { clientSides, lineageOf, placeOf, reachOf } from "../layers/haproxy-view.ts";
import type { Rule } from "../rule.ts";

export const redirectToAnyHost: Rule = {
  code: "redirect-to-any-host",
  severity: "note",
  check: (wiring) =>
    clientSides(wiring).flatMap(({ layer, proxy }) => {
      const reach = reachOf(wiring, { layer, proxy });
      if (reach === "cluster" || reach === "itself") return [];
      const variables = variablesFromHost(proxy);
      const found = [];
      for (const line of lineageOf(proxy)
        .toReversed()
        .flatMap(({ section }) => section.lines)) {
        const tests = testsOf(proxy, readCondition(line));
        const aboutHost = tests.filter(({ test }) => readsHost(test.expression, variables));
        // Rules after a denial of other hosts apply only to the served hosts.
        const isFinal = ENDINGS.includes(actionOf(line) ?? "");
        if (isFinal && aboutHost.some(({ negated }) => negated) && !reflects(line, variables)) break;
        if (reflects(line, variables) && !aboutHost.some(({ negated }) => !negated)) found.push(line);
      }
      return found.map((line) => ({
        what: `the redirect of \`${proxy.name}\` goes to any host that a client sends`,
        why: "HAProxy copies the Host header into Location unchanged. A cache that stores the response can send other clients to that host, and security scanners report an open redirect.",
        remedy:
          "Add a condition with the hosts that are served, `if { req.hdr(host),host_only -i app.example.com }`, and deny other requests.",
        at: [placeOf(layer.config, line), proxy.binds[0]?.address.at],
      }));
    }),
};

/** `redirect scheme` keeps the Host; `prefix` and `location` may contain it. */
function reflects(line: HaproxyLine, variables: ReadonlySet<string>): boolean {
  const words = directiveOf(line).words.map(({ value }) => value);
  const at = words[0] === "http-request" ? 1 : 0;
  if (words[at] !== "redirect") return false;
  const [kind, target = ""] = words.slice(at + 1);
  if (kind === "scheme") return true;
  const origin = /^https?:\/\/(%(?:\{[^}]*\})?\[[^\]]*\])/.exec(target)?.[1] ?? "";
  return readFormat(origin).some((expression) => readsHost(expression, variables));
}
