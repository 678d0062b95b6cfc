// drain-longer-than-grace: grace period shorter than the drain.
import { formatDurationMs } from "../../plan/durations.ts";
import { knownValue } from "../../wiring/written.ts";
import { haproxyContainers } from "../layers/pods.ts";
import { globalTimeS, stopSignalOf } from "../layers/stop.ts";
import type { Rule } from "../rule.ts";
import { noted } from "../wording.ts";

export const drainLongerThanGrace: Rule = {
  code: "drain-longer-than-grace",
  severity: "error",
  check: (wiring) =>
    haproxyContainers(wiring).flatMap((pod) => {
      const { workload, container, haproxies } = pod;
      const preStop = container.preStop;
      return haproxies.flatMap((haproxy) => {
        const soft = stopSignalOf(haproxy, pod).kind === "soft";
        const grace = soft ? globalTimeS(haproxy, "grace") : undefined;
        const hardStop = soft ? globalTimeS(haproxy, "hard-stop-after") : undefined;
        const neededS = (knownValue(preStop) ?? 0) + (grace?.value ?? 0) + (hardStop?.value ?? 0);
        const { gracePeriodS } = workload;
        if (neededS <= gracePeriodS.value) return [];
        const [needed, period] = [neededS, gracePeriodS.value].map((seconds) =>
          formatDurationMs(seconds * 1000),
        );
        return {
          what: `the drain of a pod takes up to ${needed}, and Kubernetes kills the pod after ${period}`,
          why: "In-flight requests are cut at each rollout and whenever a node is drained.",
          remedy: `Write \`terminationGracePeriodSeconds: ${Math.ceil(neededS) + 5}\`, or shorter times.`,
          at: [
            gracePeriodS.at === undefined
              ? noted(container.at, `killed after ${period}, Kubernetes' default`)
              : noted(gracePeriodS.at, "killed after this"),
            noted(preStop?.at, "waits"),
            noted(grace?.at, "keeps accepting"),
            noted(hardStop?.at, "finishes in-flight requests"),
          ],
        };
      });
    }),
};
