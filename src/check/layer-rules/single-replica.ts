// single-replica: one pod carries all traffic.
import type { LayerRule } from "../layers/layer-rule.ts";
import { haproxyContainers } from "../layers/pods.ts";
import { noted } from "../wording.ts";

export const singleReplica: LayerRule = {
  code: "single-replica",
  severity: "note",
  about: "edges with one pod",
  check: (wiring) =>
    haproxyContainers(wiring).flatMap(({ workload }) => {
      const { replicas, object } = workload;
      const scaled = wiring.objects.some(
        ({ kind, namespace }) =>
          (kind === "HorizontalPodAutoscaler" || kind === "ScaledObject") && namespace === object.namespace,
      );
      if (replicas === null || replicas.value !== 1 || scaled || workload.kind === "Pod") return [];
      return [
        {
          what: `\`${workload.name}\` has one pod`,
          why: "When its node goes, or its node is emptied, nothing is served until another pod has started.",
          remedy: "Write `replicas: 3`.",
          at: [replicas.at === null ? noted(workload.at, "one, as nothing says otherwise") : replicas.at],
        },
      ];
    }),
};
