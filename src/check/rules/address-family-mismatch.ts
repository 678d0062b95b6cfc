// address-family-mismatch: both ends of a hop have only addresses of different families.

import { capitalized } from "../../findings/sentence.ts";
import { groupsOf } from "../groups.ts";
import { portOf } from "../layers/hops.ts";
import { brokenServers, effectOf, placesOf } from "../layers/server-faults.ts";
import type { Rule, RuleFinding } from "../rule.ts";
import { noted } from "../wording.ts";

export const addressFamilyMismatch: Rule = {
  code: "address-family-mismatch",
  severity: "error",
  check(wiring) {
    const paths = wiring.trafficPaths.filter(({ brokenAt }) => brokenAt?.hop === "family");
    const front = groupsOf(paths, ({ service }) => service).map(([path, ...others]): RuleFinding => {
      const { brokenAt, service, bind } = path;
      const listener = [path, ...others].find((one) => one.listener !== undefined)?.listener;
      return {
        what: capitalized(brokenAt?.because ?? ""),
        why: `No connection to ${portOf(path)} arrives: nothing listens on an address of this family.`,
        remedy:
          "Write `ipFamilyPolicy: PreferDualStack`, or `ipFamilies` with the family that both ends have. To listen on both, write `bind :::PORT v4v6`.",
        at: [
          noted(service?.families?.at ?? service?.at, "the Service's families"),
          noted(bind?.address.at, "HAProxy listens here"),
          noted(listener?.at, "the load balancer connects"),
        ],
      };
    });
    const behind = brokenServers(wiring, "family").map(
      (broken): RuleFinding => ({
        what: capitalized(broken.brokenAt.because),
        why: effectOf(broken),
        remedy:
          "Remove `source`, or write an address of the Service's family. For a dual-stack Service, `resolve-prefer ipv4` or `ipv6` selects the family.",
        at: placesOf(broken, "of the other family"),
      }),
    );
    const notQueried = brokenServers(wiring, "family-not-queried").map(
      (broken): RuleFinding => ({
        what: capitalized(broken.brokenAt.because),
        why: effectOf(broken),
        remedy: "Write `dns-accept-family ipv4,ipv6`.",
        at: placesOf(broken, "the families that HAProxy queries"),
      }),
    );
    return [...front, ...behind, ...notQueried];
  },
};
