// network-policy-blocks-servers: a NetworkPolicy allows no connection from HAProxy to its servers.
import { capitalized } from "../../findings/sentence.ts";
import { brokenServers, effectOf, placesOf } from "../layers/server-faults.ts";
import type { Rule } from "../rule.ts";

export const networkPolicyBlocksServers: Rule = {
  code: "network-policy-blocks-servers",
  severity: "error",
  check: (wiring) =>
    brokenServers(wiring, "egress-blocked", "ingress-blocked").map((broken) => ({
      what: capitalized(broken.brokenAt.because),
      why: effectOf(broken),
      remedy:
        broken.fault === "egress-blocked"
          ? "Add a rule to `egress` of the policy whose `to` selects the pods of the server, with the port of the pods."
          : "Add a rule to `ingress` of the policy whose `from` selects the pods of HAProxy, with the port of the pods.",
      at: placesOf(broken, "drops the connections").toReversed(),
    })),
};
