// raw-buffer-size: a raw line sets the size of HAProxy's buffers, and the memory of the pod does not follow.
import { HEADER_SIZE } from "../../description/schema/edge.ts";
import { DEFAULT_BUFFER_BYTES, headerBytesIn } from "../../plan/limits.ts";
import type { PlanRule } from "../plan-rule.ts";

const MIB = 1024 * 1024;

export const rawBufferSize: PlanRule = {
  code: "raw-buffer-size",
  severity: "warning",
  check({ plan, at }) {
    return plan.rawGlobal.flatMap((text, index) => {
      const [keyword, size] = text.trim().split(/\s+/);
      if (keyword !== "tune.bufsize" && keyword !== "tune.maxrewrite") return [];
      return [
        {
          what: `the raw line \`${text.trim()}\` sets HAProxy's buffers, and the memory limit does not follow`,
          why: `A connection has up to four buffers. The pod's memory is computed for those of ${plan.limits.bufferBytes?.value ?? DEFAULT_BUFFER_BYTES} bytes: ${Math.round(plan.limits.memoryBytes.value / MIB)} MiB. When many clients read slowly, the kernel kills HAProxy with all its connections.`,
          remedy: `Remove the line, and write \`limits: { maxHeader: ${headerText(keyword, size)} }\`.`,
          at: [at(["haproxy", "raw", index])],
        },
      ];
    });
  },
};

/** The size of headers that fit into a buffer of that size, as a value of the field. */
function headerText(keyword: string, size: string | undefined): string {
  const bytes = headerBytesIn(Number(size));
  if (keyword !== "tune.bufsize" || !(bytes >= HEADER_SIZE.least)) return "32KiB";
  return `${Math.min(bytes, HEADER_SIZE.most)}B`;
}
