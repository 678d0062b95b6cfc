// too-few-file-descriptors: limit of file descriptors too low for the connection limit.
import type { HaproxyLayer } from "../../wiring/wiring.ts";
import type { Written } from "../../wiring/written.ts";
import { descriptorLimit } from "../layers/container/limits.ts";
import { placeOf } from "../layers/haproxy-view.ts";
import { type HaproxyPod, podsByLayer } from "../layers/pods.ts";
import { globalLine } from "../layers/stop.ts";
import type { Rule } from "../rule.ts";
import { noted } from "../wording.ts";

export const tooFewFileDescriptors: Rule = {
  code: "too-few-file-descriptors",
  severity: "error",
  check(wiring) {
    const pods = podsByLayer(wiring);
    return wiring.haproxies.flatMap((layer) => {
      const maxconn = globalLine(layer, "maxconn");
      const connections = Number(maxconn?.tokens[1]?.value);
      const limit = limitOf(layer, pods.get(layer));
      if (maxconn === undefined || maxconn.conditional || limit === undefined) return [];
      // One for the client and one for the server of each connection; listeners and checks need more.
      const needed = 2 * connections;
      if (!Number.isInteger(connections) || needed < limit.value) return [];
      return {
        what: `\`maxconn ${connections}\` needs more than ${needed} file descriptors, and the limit is ${limit.value}`,
        why: 'HAProxy exits at start with "Cannot raise FD limit".',
        remedy: `Write \`maxconn ${Math.max(1, Math.floor((limit.value / 2) * 0.97))}\`, or raise the limit to ${Math.ceil((needed * 1.03 + 100) / 100) * 100}.`,
        at: [placeOf(layer.config, maxconn), noted(limit.at, "the limit")],
        stops: [layer],
      };
    });
  },
};

/** `fd-hard-limit`, or the limit of the shell that starts HAProxy. */
function limitOf(layer: HaproxyLayer, pod: HaproxyPod | undefined): Written<number> | undefined {
  const line = globalLine(layer, "fd-hard-limit");
  const value = Number(line?.tokens[1]?.value);
  if (line !== undefined && !line.conditional && Number.isInteger(value))
    return { value, at: placeOf(layer.config, line) };
  return pod && descriptorLimit(pod);
}
