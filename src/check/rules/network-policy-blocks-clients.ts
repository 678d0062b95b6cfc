// network-policy-blocks-clients: a NetworkPolicy allows no connection of clients to HAProxy.
import { capitalized } from "../../findings/sentence.ts";
import { policyView } from "../../wiring/policy-view.ts";
import { groupsOf, keyOf } from "../groups.ts";
import type { Rule } from "../rule.ts";
import { listOf, noted } from "../wording.ts";

export const networkPolicyBlocksClients: Rule = {
  code: "network-policy-blocks-clients",
  severity: "error",
  check(wiring) {
    if (wiring.networkPolicies.length === 0) return [];
    const view = policyView(wiring);
    const blocked = wiring.trafficPaths.flatMap((path) => {
      // A Service for a load balancer is not intended for in-cluster clients, such as the kubelet.
      const isPublic = path.start !== "service" || path.service?.type === "ClusterIP";
      const found = isPublic && path.bind !== undefined ? view.blocksClients(path) : undefined;
      return found === undefined ? [] : [{ path, ...found }];
    });
    return groupsOf(blocked, ({ because, at }) => `${because} ${keyOf(at)}`).map((group) => {
      const [{ path, because, at }] = group;
      const names = [...new Set(group.map((one) => one.path.proxy?.name ?? ""))];
      return {
        what: capitalized(because),
        why: `The connections are dropped: ${listOf(names)} of HAProxy gets no request on this path.`,
        remedy:
          "Add a rule to `ingress` with this port. Load balancers and nodes have no labels: allow them by `ipBlock`, or leave out `from`.",
        at: [
          noted(at, "drops the connections"),
          noted(path.containerPort?.port.at ?? path.servicePort?.at, "clients connect to this port"),
          noted(path.bind?.address.at, "gets no connection"),
        ],
      };
    });
  },
};
