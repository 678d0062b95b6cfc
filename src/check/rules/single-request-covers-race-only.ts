// single-request-covers-race-only: resolver option that fixes only one cause of slow lookups.

import { podOptions, resolvConfOptions } from "../layers/resolver-options.ts";
import type { Rule } from "../rule.ts";

export const singleRequestCoversRaceOnly: Rule = {
  code: "single-request-covers-race-only",
  severity: "note",
  check(wiring) {
    const lists = [...wiring.workloads.map(podOptions), resolvConfOptions(wiring)];
    return lists.flatMap((options) => {
      // `no-aaaa` or TCP fixes the other cause too.
      if (options.some(({ name }) => name === "no-aaaa" || name === "use-vc")) return [];
      return options
        .filter(({ name }) => name === "single-request" || name === "single-request-reopen")
        .map(({ name, at }) => ({
          what: `\`${name}\` prevents the conntrack race, and does not help if AAAA queries are never answered`,
          why: `A node can drop one of two parallel queries (a conntrack race), which delays a lookup by five seconds: this option prevents it. If the name server never answers AAAA, each lookup still takes ${name === "single-request" ? "ten" : "five"} seconds.`,
          remedy:
            "Write `no-aaaa` (glibc 2.36 and newer), which fixes both, or `resolvers` with `resolve-prefer ipv4` in `haproxy.cfg`. `portico doctor dns` finds the cause.",
          at: [at],
          described: {
            remedy:
              "Write `no-aaaa` in `dns.options` (glibc 2.36 and newer), which fixes both. `portico doctor dns` finds the cause.",
          },
        }));
    });
  },
};
