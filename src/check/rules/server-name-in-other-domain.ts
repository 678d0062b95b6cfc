// server-name-in-other-domain: server name in another domain than the cluster's.
import { capitalized } from "../../findings/sentence.ts";
import { brokenServers, effectOf, placesOf } from "../layers/server-faults.ts";
import type { Rule } from "../rule.ts";

export const serverNameInOtherDomain: Rule = {
  code: "server-name-in-other-domain",
  severity: "error",
  check: (wiring) =>
    brokenServers(wiring, "other-domain").map((broken) => ({
      what: capitalized(broken.brokenAt.because),
      why: effectOf(broken),
      remedy: "Write the name with the domain of the cluster.",
      at: placesOf(broken, "the domain of the cluster"),
    })),
};
