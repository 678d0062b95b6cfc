// load-balancer-without-nodes: load balancer without an attached node in these files.
import { knownValue } from "../../wiring/written.ts";
import type { Rule } from "../rule.ts";

const ATTACHES = /"aws_(?:autoscaling|elb|lb_target_group|alb_target_group)_attachment"/;

export const loadBalancerWithoutNodes: Rule = {
  code: "load-balancer-without-nodes",
  severity: "note",
  check(wiring) {
    // A module attaches the nodes that its inputs name: none by itself, which is correct.
    if (wiring.files.some(({ kind, text }) => kind === "terraform" && ATTACHES.test(text))) return [];
    return wiring.loadBalancers
      .filter(({ targetsAttached }) => knownValue(targetsAttached) === false)
      .map(({ id, kind, at }) => ({
        what: `no node is attached to \`${id}\` in these files`,
        why: "Unless something outside these files attaches nodes, the load balancer serves no requests.",
        remedy:
          kind === "classic-elb"
            ? "Write its `instances`, or attach the Auto Scaling group of the nodes: `aws_autoscaling_attachment`."
            : "Attach the nodes to its target groups: `aws_autoscaling_attachment` or `aws_lb_target_group_attachment`.",
        at: [at],
      }));
  },
};
