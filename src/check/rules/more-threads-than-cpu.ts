// more-threads-than-cpu: more threads than the CPU limit of the container.
import { cpuLimit } from "../layers/container/limits.ts";
import { placeOf } from "../layers/haproxy-view.ts";
import { type HaproxyPod, haproxyContainers } from "../layers/pods.ts";
import { globalLine } from "../layers/stop.ts";
import type { Rule, RuleFindings } from "../rule.ts";
import { noted } from "../wording.ts";

export const moreThreadsThanCpu: Rule = {
  code: "more-threads-than-cpu",
  severity: "warning",
  check: (wiring) => haproxyContainers(wiring).flatMap((pod) => findingOf(pod)),
};

function findingOf(pod: HaproxyPod): RuleFindings {
  const cpus = cpuLimit(pod);
  const [layer] = pod.haproxies;
  if (cpus === undefined || layer === undefined) return [];
  const line = pod.haproxies
    .flatMap((one) =>
      ["nbthread", "cpu-map", "cpu-set", "thread-groups"].flatMap((word) => globalLine(one, word) ?? []),
    )
    .at(0);
  const threads = Number(globalLine(layer, "nbthread")?.tokens[1]?.value);
  const most = Math.max(1, Math.ceil(cpus.value));
  if (line !== undefined && !(threads > most)) return [];
  const many = line === undefined ? "one thread for each CPU of the node" : `${threads} threads`;
  return {
    what: `HAProxy starts ${many}, and the container may use ${cpus.value} CPU`,
    why: "HAProxy does not read the CPU limit. When its threads have used the limit, the kernel stops all of them until the next period of 100 ms, and every connection waits.",
    remedy: `Write \`nbthread ${most}\` in \`global\`, or remove the CPU limit.`,
    at: [line && noted(placeOf(layer.config, line), "the threads"), noted(cpus.at, "the CPU limit")],
  };
}
