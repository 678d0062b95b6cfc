// unreachable-route: a route whose every request is taken by a route that is tried before it.

import type { Rule } from "../rule.ts";
import { shadowsOf } from "../shadows.ts";
import { noted } from "../wording.ts";

export const unreachableRoute: Rule = {
  code: "unreachable-route",
  severity: "warning",
  about: "routes that no request can reach",
  check({ plan }) {
    return plan.sites.flatMap((site) =>
      shadowsOf(site)
        .filter(({ same }) => !same)
        .map(({ route, by }) => ({
          what: `no request reaches the route \`${route.id}\``,
          why: `\`${by.id}\` is tried before it and takes every request that it matches${by.match.path.kind === "regex" && route.match.path.kind === "prefix" ? ": regular expressions come before prefixes, however long" : ""}.`,
          remedy: "Remove it, or change one of the two so that requests are left for it.",
          at: [noted(route.at, "never reached"), noted(by.at, "tried before")],
        })),
    );
  },
};
