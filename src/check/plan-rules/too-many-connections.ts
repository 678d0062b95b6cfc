// too-many-connections: more connections than file descriptors.
import type { PlanRule } from "../rule.ts";

/** fs.nr_open, the default maximum of every process's limit (Linux, Documentation/admin-guide/sysctl/fs.rst). */
const MOST_DESCRIPTORS = 1_048_576;

export const tooManyConnections: PlanRule = {
  code: "too-many-connections",
  severity: "warning",
  check({ plan, at }) {
    const { maxConnections, fileDescriptors } = plan.limits;
    if (fileDescriptors.value <= MOST_DESCRIPTORS) return [];
    return {
      what: `${maxConnections.value} connections need ${fileDescriptors.value} file descriptors`,
      why: `Linux limits a process to ${MOST_DESCRIPTORS} (fs.nr_open): HAProxy does not start ("Cannot raise FD limit").`,
      remedy: "Write `500000` or less, and more `replicas`.",
      at: [at(["limits", "maxConnections"])],
    };
  },
};
