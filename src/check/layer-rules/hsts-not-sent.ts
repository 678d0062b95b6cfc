// hsts-not-sent: a comment or a name promises HSTS, and no line sends it.
import type { Position } from "../../findings/finding.ts";
import {
  type HaproxyConfig,
  type HaproxySection,
  placeInFile,
  tokenPosition,
} from "../../wiring/haproxy/config.ts";
import { backendsOf, clientSides, lineageOf } from "../layers/haproxy-view.ts";
import type { LayerRule } from "../layers/layer-rule.ts";

const PROMISE = /\bHSTS\b|strict[ -]transport[ -]security/i;

export const hstsNotSent: LayerRule = {
  code: "hsts-not-sent",
  severity: "warning",
  about: "HSTS that is promised by a comment or a name and not sent",
  check: (wiring) =>
    clientSides(wiring).flatMap((placed) => {
      const { layer, proxy } = placed;
      const promise = promiseIn(layer.config, proxy.section);
      if (promise === null) return [];
      const sections = [proxy, ...backendsOf(placed)].flatMap(lineageOf).map(({ section }) => section);
      if (sections.some(sendsHsts)) return [];
      return [
        {
          what: `\`${proxy.name}\` speaks of HSTS, and no answer carries the header`,
          why: "Browsers go on trying plain HTTP first: whoever sits in between at that moment reads the request and may keep it from HTTPS for good.",
          remedy:
            "Write `http-response set-header Strict-Transport-Security max-age=15552000`; answers that HAProxy makes itself, such as redirects, need `http-after-response` instead.",
          at: [promise, proxy.binds[0]?.address.at],
        },
      ];
    }),
};

function promiseIn(config: HaproxyConfig, section: HaproxySection): Position | null {
  for (const { number, comment, tokens } of section.lines) {
    if (
      comment !== undefined &&
      PROMISE.test(comment.text) &&
      !/\b(no|not|without|never)\b/i.test(comment.text)
    ) {
      return placeInFile(config, {
        line: number,
        column: comment.column,
        length: comment.text.trimEnd().length,
      });
    }
    const name = tokens[0]?.value === "acl" && /hsts/i.test(tokens[1]?.value ?? "") ? tokens[1] : undefined;
    if (name !== undefined) return tokenPosition(config, name);
  }
  return null;
}

function sendsHsts({ lines }: HaproxySection): boolean {
  return lines.some(({ tokens }) => tokens.some(({ value }) => /strict-transport-security/i.test(value)));
}
