// network-policy-blocks-dns: a NetworkPolicy allows no DNS query from HAProxy.
import { capitalized } from "../../findings/sentence.ts";
import { brokenServers, effectOf, placesOf } from "../layers/server-faults.ts";
import type { Rule } from "../rule.ts";

export const networkPolicyBlocksDns: Rule = {
  code: "network-policy-blocks-dns",
  severity: "error",
  check: (wiring) =>
    brokenServers(wiring, "dns-blocked").map((broken) => ({
      what: capitalized(broken.brokenAt.because),
      why: `${effectOf(broken)} A server without \`resolvers\` and \`init-addr\` even keeps HAProxy from starting.`,
      remedy:
        "Add a rule to `egress`: port 53 of UDP and TCP to the pods `k8s-app: kube-dns` of the namespace `kube-system`.",
      at: placesOf(broken, "drops the queries").toReversed(),
    })),
};
