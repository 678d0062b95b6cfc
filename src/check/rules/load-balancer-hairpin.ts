// load-balancer-hairpin: an internal NLB that keeps client addresses, and pods on its target nodes as clients.
import { isNlb } from "../../wiring/cloud.ts";
import { isKnown, knownValue } from "../../wiring/written.ts";
import { onceEach } from "../groups.ts";
import { balancedPaths, portOf } from "../layers/hops.ts";
import type { Rule } from "../rule.ts";
import { noted } from "../wording.ts";

export const loadBalancerHairpin: Rule = {
  code: "load-balancer-hairpin",
  severity: "note",
  check: (wiring) =>
    onceEach(
      balancedPaths(wiring).filter(
        ({ loadBalancer, listener }) =>
          isNlb(loadBalancer) &&
          knownValue(loadBalancer.internal) === true &&
          knownValue(listener.keepsClientAddress) === true &&
          // With pods as targets, only HAProxy's own pods are clients of themselves.
          listener.to.kind !== "pod",
      ),
      ({ loadBalancer }) => loadBalancer.id,
    ).map(({ loadBalancer, listener, port }) => {
      const { internal } = loadBalancer;
      const { keepsClientAddress: kept } = listener;
      const isService = loadBalancer.kind === "service";
      return {
        what: `a connection from a pod to the internal \`${loadBalancer.id}\` times out if it is sent to the pod's own node`,
        why: `An NLB that preserves client addresses cannot send a connection to the node that it comes from. Clients outside the cluster are not affected. The files do not show which clients connect to ${portOf({ port })}.`,
        remedy: isService
          ? "Write `preserve_client_ip.enabled=false` in `aws-load-balancer-target-group-attributes`, with PROXY headers for the client address, or let pods connect to a ClusterIP Service."
          : "Write `preserve_client_ip = false` in the target group, with `proxy_protocol_v2` for the client address, or let pods connect to a ClusterIP Service.",
        at: [
          noted(isKnown(kept) ? (kept.at ?? listener.at) : listener.at, "keeps the client address"),
          noted(isKnown(internal) ? (internal.at ?? loadBalancer.at) : undefined, "internal"),
        ],
      };
    }),
};
