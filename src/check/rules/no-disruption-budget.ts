// no-disruption-budget: no PodDisruptionBudget.
import { selects } from "../../wiring/kubernetes/policy.ts";
import { haproxyContainers } from "../layers/pods.ts";
import type { Rule } from "../rule.ts";
import { noted } from "../wording.ts";

export const noDisruptionBudget: Rule = {
  code: "no-disruption-budget",
  severity: "note",
  check: (wiring) =>
    haproxyContainers(wiring).flatMap(({ workload }) => {
      const { replicas, labels, namespace, name, at } = workload;
      // A node drain skips the pods of a DaemonSet.
      if (replicas === undefined || replicas.value < 2) return [];
      const budget = wiring.disruptionBudgets.some(
        (one) => one.namespace === namespace && selects(one.selector, labels) !== false,
      );
      if (budget) return [];
      return {
        what: `\`${name}\` has no PodDisruptionBudget`,
        why: "When nodes are drained, for example during a cluster upgrade, Kubernetes may evict all its pods at once. No request is served until new pods have started.",
        remedy: "Write a PodDisruptionBudget with `maxUnavailable: 1` for its pods.",
        at: [noted(replicas.at ?? at, "all may be evicted at once")],
      };
    }),
};
