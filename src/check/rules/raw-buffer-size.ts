// raw-buffer-size: a raw line sets the size of HAProxy's buffers, and the memory of the pod does not follow.
import type { Rule } from "../rule.ts";

const MIB = 1024 * 1024;

export const rawBufferSize: Rule = {
  code: "raw-buffer-size",
  severity: "warning",
  about: "raw lines that set the size of buffers",
  check({ plan, at }) {
    return plan.rawGlobal.flatMap((text, index) => {
      const [keyword, size] = text.trim().split(/\s+/);
      if (keyword !== "tune.bufsize" && keyword !== "tune.maxrewrite") return [];
      return [
        {
          what: `the raw line \`${text.trim()}\` sets HAProxy's buffers, and the memory limit does not follow`,
          why: `A connection has up to four buffers. The pod's memory is computed for those of ${plan.limits.bufferBytes?.value ?? 16_384} bytes: ${Math.round(plan.limits.memoryBytes.value / MIB)} MiB. When many clients read slowly, the kernel kills HAProxy with all its connections.`,
          remedy: `Remove the line, and write \`limits: { maxHeader: ${headerText(keyword, size)} }\`.`,
          at: [at(["haproxy", "raw", index])],
        },
      ];
    });
  },
};

/** The size of headers that fit into a buffer of that size, as a value of the field. */
function headerText(keyword: string, size: string | undefined): string {
  const bytes = Number(size);
  return keyword === "tune.bufsize" && bytes >= 17_408 ? `${Math.min(bytes - 2048, 1_048_576)}B` : "32KiB";
}
