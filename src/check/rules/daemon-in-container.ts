// daemon-in-container: HAProxy runs as a daemon in its container.
import { directiveOf } from "../../wiring/haproxy/config.ts";
import type { HaproxyLayer } from "../../wiring/wiring.ts";
import { linesOf, placeOf } from "../layers/haproxy-view.ts";
import type { Rule } from "../rule.ts";
import { noted } from "../wording.ts";

export const daemonInContainer: Rule = {
  code: "daemon-in-container",
  severity: "warning",
  check: (wiring) =>
    wiring.haproxies.flatMap((layer) => {
      const global = layer.config.sections.filter(({ kind }) => kind === "global");
      const line = global
        .flatMap((section) => linesOf(section, "daemon"))
        .find((one) => directiveOf(one).words.length === 1);
      const command = commandOf(layer);
      if (line === undefined || command === undefined) return [];
      // The command is known, and starts HAProxy without the flag that keeps it in the foreground.
      if (!/\bhaproxy\b/.test(command.text) || /(^|\s)-(db|d\w*b|D?db)(\s|$)/.test(command.text)) return [];
      return {
        what: "`daemon` moves HAProxy into the background of its container",
        why: "If HAProxy crashes, the container keeps running without it, and Kubernetes does not restart it; without another process, the container exits at once. The stop signal does not reach HAProxy, and requests are cut.",
        remedy: "Remove `daemon`, and start `haproxy -W -db -f …` as the container's only process.",
        at: [placeOf(layer.config, line), noted(command.at, "starts it")],
      };
    }),
};

function commandOf({ runBy, image }: HaproxyLayer) {
  const container = runBy?.container;
  const own = container?.command;
  const given = container?.args;
  if (own !== undefined) return { text: [...own.value, ...(given?.value ?? [])].join(" "), at: own.at };
  if (image === undefined || (image.entrypoint === undefined && image.command === undefined))
    return undefined;
  const words = [...(image.entrypoint?.words ?? []), ...(given?.value ?? image.command?.words ?? [])];
  return { text: words.join(" "), at: image.command?.at ?? image.entrypoint?.at };
}
