// stop-signal-not-received: shell as PID 1 instead of HAProxy.

import { parseImageName } from "../../wiring/image-names.ts";
import type { HaproxyLayer, ImageCommand } from "../../wiring/wiring.ts";
import { knownValue } from "../../wiring/written.ts";
import { podsByLayer } from "../layers/pods.ts";
import { shellOf } from "../layers/stop.ts";
import type { Rule } from "../rule.ts";
import { noted } from "../wording.ts";

export const stopSignalNotReceived: Rule = {
  code: "stop-signal-not-received",
  severity: "warning",
  check(wiring) {
    const pods = podsByLayer(wiring);
    return wiring.haproxies.flatMap((haproxy) => {
      const pod = pods.get(haproxy);
      const shell = shellOf(haproxy, pod);
      if (shell === undefined || !keeps(shell, haproxy)) return [];
      return {
        what: "HAProxy never receives the stop signal: a shell runs as PID 1",
        why: "PID 1 of the container is the shell or its last command, which does not forward the signal. HAProxy runs until it is killed after the whole grace period, with all in-flight requests.",
        remedy: 'Write the command as a list, with HAProxy alone: `CMD ["haproxy", "-W", "-db", "-f", "…"]`.',
        at: [
          noted(shell.at, "a shell"),
          noted(pod?.workload.gracePeriodS.at ?? pod?.container.at, "killed after the grace period"),
        ],
      };
    });
  },
};

/**
 * Whether the shell remains PID 1, or another program replaces it. `exec haproxy …` replaces it, and so does bash
 * with a single command. dash (Debian, Ubuntu) remains PID 1: tested with 0.5.12.
 */
function keeps({ words: [text = ""] }: ImageCommand, { image }: HaproxyLayer): boolean {
  if (!/\bhaproxy\b/.test(text)) return false;
  const [last = ""] = text.split(/&&|\|\||[;&|\n]/).slice(-1);
  if (/\bexec\s+(?:\S*\/)?haproxy\b/.test(last)) return false;
  const single = text.trim() === last.trim();
  if (!single) return true;
  const base = parseImageName(knownValue(image?.base) ?? "")?.name;
  return base === "debian" || base === "ubuntu";
}
