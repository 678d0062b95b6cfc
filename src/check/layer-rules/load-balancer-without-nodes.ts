// load-balancer-without-nodes: nothing in these files attaches a node to the load balancer.
import { knownValue } from "../../wiring/wiring.ts";
import type { LayerRule } from "../layers/layer-rule.ts";

const ATTACHES = /"aws_(?:autoscaling|elb|lb_target_group|alb_target_group)_attachment"/;

export const loadBalancerWithoutNodes: LayerRule = {
  code: "load-balancer-without-nodes",
  severity: "note",
  about: "load balancers to which these files attach no node",
  check(wiring) {
    // A module attaches what its caller gives: nothing by itself, and that is as it should be.
    if (wiring.files.some(({ kind, text }) => kind === "terraform" && ATTACHES.test(text))) return [];
    return wiring.loadBalancers
      .filter(({ targetsAttached }) => targetsAttached !== null && knownValue(targetsAttached) === false)
      .map(({ id, kind, at }) => ({
        what: `these files attach no node to \`${id}\``,
        why: "Unless something else does, it has nowhere to send a request, and answers none.",
        remedy:
          kind === "classic-elb"
            ? "Name its `instances`, or attach the nodes' group: `aws_autoscaling_attachment`."
            : "Attach the nodes to its target groups: `aws_autoscaling_attachment` or `aws_lb_target_group_attachment`.",
        at: [at],
      }));
  },
};
