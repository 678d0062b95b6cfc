// single-request-covers-race-only: the option against slow look-ups that helps against one of their causes.
import type { LayerRule } from "../layers/layer-rule.ts";
import { podOptions, resolvConfOptions } from "../layers/resolver-options.ts";

export const singleRequestCoversRaceOnly: LayerRule = {
  code: "single-request-covers-race-only",
  severity: "note",
  check(wiring) {
    const lists = [...wiring.workloads.map(podOptions), resolvConfOptions(wiring)];
    return lists.flatMap((options) => {
      // With `no-aaaa` or over TCP the other cause is gone too.
      if (options.some(({ name }) => name === "no-aaaa" || name === "use-vc")) return [];
      return options
        .filter(({ name }) => name === "single-request" || name === "single-request-reopen")
        .map(({ name, at }) => ({
          what: `\`${name}\` helps when one of two packets is lost, and not when AAAA is never answered`,
          why: `Two packets sent at once can lose one on a node (a race in conntrack): it costs five seconds, and this option ends it. A name server that never answers AAAA costs ${name === "single-request" ? "ten" : "five"} seconds for each look-up all the same.`,
          remedy:
            "Write `no-aaaa` (glibc 2.36 and newer), which ends both, or `resolvers` with `resolve-prefer ipv4` in haproxy.cfg; `portico doctor dns` tells which cause it is.",
          at: [at],
          described: {
            remedy:
              "Write `no-aaaa` in `dns.options` (glibc 2.36 and newer), which ends both; `portico doctor dns` tells which cause it is.",
          },
        }));
    });
  },
};
