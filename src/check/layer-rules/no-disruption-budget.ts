// no-disruption-budget: several pods may be taken away at once when nodes are emptied.
import { matchesLabels } from "../../wiring/join/select.ts";
import type { LayerRule } from "../layers/layer-rule.ts";
import { haproxyContainers } from "../layers/pods.ts";
import { noted } from "../wording.ts";

export const noDisruptionBudget: LayerRule = {
  code: "no-disruption-budget",
  severity: "note",
  about: "pods that may all be evicted at once",
  check: (wiring) =>
    haproxyContainers(wiring).flatMap(({ workload }) => {
      const { replicas, labels, namespace, name, at } = workload;
      // Draining a node passes over the pods of a DaemonSet.
      if (replicas === null || replicas.value < 2) return [];
      const budget = wiring.disruptionBudgets.some(
        (one) => one.namespace === namespace && matchesLabels(one.selector, labels),
      );
      if (budget) return [];
      return [
        {
          what: `\`${name}\` has no PodDisruptionBudget`,
          why: "When nodes are emptied, at an upgrade of the cluster, Kubernetes may evict all its pods at once: then nothing is served until others have started.",
          remedy: "Write a PodDisruptionBudget with `maxUnavailable: 1` for its pods.",
          at: [noted(replicas.at ?? at, "all of them may go at once")],
        },
      ];
    }),
};
