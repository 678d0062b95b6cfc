// single-replica: single replica.

import { haproxyContainers } from "../layers/pods.ts";
import type { Rule } from "../rule.ts";
import { noted } from "../wording.ts";

export const singleReplica: Rule = {
  code: "single-replica",
  severity: "note",
  check: (wiring) =>
    haproxyContainers(wiring).flatMap(({ workload }) => {
      const { replicas, object } = workload;
      const scaled = wiring.objects.some(
        ({ kind, namespace }) =>
          (kind === "HorizontalPodAutoscaler" || kind === "ScaledObject") && namespace === object.namespace,
      );
      if (replicas === undefined || replicas.value !== 1 || scaled || workload.kind === "Pod") return [];
      return {
        what: `\`${workload.name}\` has one replica`,
        why: "When its node fails or is drained, no request is served until another pod has started.",
        remedy: "Write `replicas: 3`.",
        at: [replicas.at === undefined ? noted(workload.at, "one by default") : replicas.at],
      };
    }),
};
