// large-file-needs-shell: file larger than a ConfigMap in an image without a shell.
import { emitHaproxy } from "../../emit/haproxy/emit-haproxy.ts";
import { MOST_BYTES } from "../../emit/kubernetes/config-maps.ts";
import type { PlanRule } from "../rule.ts";

export const largeFileNeedsShell: PlanRule = {
  code: "large-file-needs-shell",
  severity: "error",
  check({ plan, at }) {
    if (plan.image.base.value !== "minimal" || plan.image.config.value !== "configMap") return [];
    const [largest] = emitHaproxy(plan)
      .map(({ path, content }) => ({ path, bytes: Buffer.byteLength(content) }))
      .filter(({ bytes }) => bytes > MOST_BYTES)
      .sort((a, b) => b.bytes - a.bytes);
    if (largest === undefined) return [];
    return {
      what: `${largest.path} has ${largest.bytes} bytes, more than the ${MOST_BYTES} bytes of a ConfigMap`,
      why: "The file is mounted in parts that a shell joins before HAProxy starts. The minimal image has no shell, and no pod would start.",
      remedy: "Write `config: image`, or another `base`.",
      at: [at(["image", "config"], { key: true }) ?? at(["image", "base"])],
    };
  },
};
