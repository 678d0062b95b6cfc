// plain-http-with-hsts: HSTS is sent over plain HTTP, where browsers ignore it.
import { readCondition } from "../../wiring/haproxy/condition.ts";
import type { HaproxyLine } from "../../wiring/haproxy/config.ts";
import type { HaproxyProxy } from "../../wiring/haproxy/wiring.ts";
import type { Wiring } from "../../wiring/wiring.ts";
import {
  backendsOf,
  clientSides,
  lineageOf,
  linesOf,
  type PlacedProxy,
  placeOf,
} from "../layers/haproxy-view.ts";
import type { LayerFinding, LayerRule } from "../layers/layer-rule.ts";
import { schemeOf, turnsAway } from "../layers/schemes.ts";
import { noted } from "../wording.ts";

export const plainHttpWithHsts: LayerRule = {
  code: "plain-http-with-hsts",
  severity: "warning",
  check: (wiring) => clientSides(wiring).flatMap((placed) => findingsOf(wiring, placed)),
};

function findingsOf(wiring: Wiring, placed: PlacedProxy): readonly LayerFinding[] {
  const { layer, proxy } = placed;
  const line = hstsLines(proxy).find((one) => !asksForScheme(one));
  const plain = proxy.binds.find((bind) => schemeOf(wiring, placed, bind) === "http");
  if (line === undefined || plain === undefined || proxy.mode.value !== "http") return [];
  // Every request is sent to HTTPS, and the answers there carry the header.
  if (turnsAway(proxy) && sendsOverTls(wiring, placed)) return [];
  const { text } = plain.address;
  return [
    {
      what: `\`${proxy.name}\` sends HSTS over plain HTTP, at \`${text}\``,
      why: `Browsers ignore the header in a response over plain HTTP (RFC 6797, 8.1), and a server must not send it there (7.2): ${turnsAway(proxy) ? "no response over HTTPS carries it" : "a client that uses http:// is served in clear text and never switches to HTTPS"}.`,
      remedy: turnsAway(proxy)
        ? `Move \`${line.tokens.map(({ text: word }) => word).join(" ")}\` to the frontend that terminates TLS.`
        : `Write \`http-request redirect scheme https code 301 unless { ssl_fc }\` in \`${proxy.name}\`, and send the header from the listener that terminates TLS.`,
      at: [placeOf(layer.config, line), noted(plain.address.at, "plain HTTP")],
    },
  ];
}

/** In the section itself: lines in `defaults` or in a backend apply to TLS listeners too. */
function hstsLines({ section }: HaproxyProxy): readonly HaproxyLine[] {
  return [...linesOf(section, "http-response"), ...linesOf(section, "http-after-response")].filter(
    ({ tokens }) =>
      /^(?:set|add)-header$/.test(tokens[1]?.value ?? "") &&
      tokens[2]?.value.toLowerCase() === "strict-transport-security" &&
      !/max-age=0\b/.test(tokens[3]?.value ?? ""),
  );
}

/** Its condition may keep the header from plain HTTP. */
function asksForScheme(line: HaproxyLine): boolean {
  return /ssl_|_port|proto|scheme|var\(|fc_|https|is_|so_/i.test(readCondition(line)?.text ?? "");
}

function sendsOverTls(wiring: Wiring, { layer, proxy }: PlacedProxy): boolean {
  return clientSides(wiring)
    .filter((other) => other.layer === layer)
    .filter((other) => other.proxy.binds.some((bind) => schemeOf(wiring, other, bind) !== "http"))
    .some(
      (other) =>
        (other.proxy === proxy && hstsLines(proxy).length > 0) ||
        (other.proxy !== proxy &&
          [other.proxy, ...backendsOf(other)].flatMap(lineageOf).some((one) => hstsLines(one).length > 0)),
    );
}
