// daemon-in-container: HAProxy goes to the background, and the container does not end when HAProxy does.
import { directiveOf } from "../../wiring/haproxy/config.ts";
import type { HaproxyLayer } from "../../wiring/wiring.ts";
import { linesOf, placeOf } from "../layers/haproxy-view.ts";
import type { LayerRule } from "../layers/layer-rule.ts";
import { noted } from "../wording.ts";

export const daemonInContainer: LayerRule = {
  code: "daemon-in-container",
  severity: "warning",
  about: "HAProxy in the background of its container",
  check: (wiring) =>
    wiring.haproxies.flatMap((layer) => {
      const global = layer.config.sections.filter(({ kind }) => kind === "global");
      const line = global
        .flatMap((section) => linesOf(section, "daemon"))
        .find((one) => directiveOf(one).words.length === 1);
      const command = commandOf(layer);
      if (line === undefined || command === null) return [];
      // What is started is known, and holds HAProxy without the flag that keeps it in the foreground.
      if (!/\bhaproxy\b/.test(command.text) || /(^|\s)-(db|d\w*b|D?db)(\s|$)/.test(command.text)) return [];
      return [
        {
          what: "`daemon` sends HAProxy to the background of its container",
          why: "What the container waits for is not HAProxy: when HAProxy dies the container goes on without it and is never started anew, or, where nothing else runs, ends at once. The signals that end a pod do not reach it, and requests are cut.",
          remedy: "Remove `daemon`, and start `haproxy -W -db -f …` as the container's only process.",
          at: [placeOf(layer.config, line), noted(command.at, "starts it")],
        },
      ];
    }),
};

function commandOf({ runBy, image }: HaproxyLayer) {
  const container = runBy?.container;
  const own = container?.command ?? null;
  const given = container?.args ?? null;
  if (own !== null) return { text: [...own.value, ...(given?.value ?? [])].join(" "), at: own.at };
  if (image === null || (image.entrypoint === null && image.command === null)) return null;
  const words = [...(image.entrypoint?.words ?? []), ...(given?.value ?? image.command?.words ?? [])];
  return { text: words.join(" "), at: image.command?.at ?? image.entrypoint?.at ?? null };
}
