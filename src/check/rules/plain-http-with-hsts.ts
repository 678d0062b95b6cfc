// plain-http-with-hsts: plain HTTP served on a site with HSTS.
import { readCondition } from "../../wiring/haproxy/condition.ts";
import type { HaproxyLine } from "../../wiring/haproxy/config.ts";
import type { HaproxyBind, HaproxyProxy } from "../../wiring/haproxy/wiring.ts";
import type { Wiring } from "../../wiring/wiring.ts";
import {
  backendsOf,
  clientSides,
  lineageOf,
  linesOf,
  type PlacedProxy,
  placeOf,
  reachOf,
} from "../layers/haproxy-view.ts";
import { memoized } from "../layers/memoized.ts";
import { rejectsPlainHttp, rejectsPlainHttpItself, schemeOf } from "../layers/schemes.ts";
import type { Rule, RuleFindings } from "../rule.ts";
import { noted } from "../wording.ts";

export const plainHttpWithHsts: Rule = {
  code: "plain-http-with-hsts",
  severity: "warning",
  check: (wiring) =>
    clientSides(wiring).flatMap((placed) => {
      const { binds, mode } = placed.proxy;
      const plain = binds.find((bind) => schemeOf(wiring, placed, bind) === "http");
      if (plain === undefined || mode.value !== "http") return [];
      const line = hstsLines(placed.proxy).find((one) => !testsScheme(one));
      return line === undefined ? servedPlain(wiring, placed, plain) : sentPlain(wiring, placed, plain, line);
    }),
};

/** Browsers ignore the header where it is sent. */
function sentPlain(wiring: Wiring, placed: PlacedProxy, plain: HaproxyBind, line: HaproxyLine): RuleFindings {
  const { layer, proxy } = placed;
  // Every request is sent to HTTPS, and the responses there carry the header.
  if (rejectsPlainHttp(proxy) && secureWithHsts(wiring, placed).length > 0) return [];
  const { text } = plain.address;
  return {
    what: `\`${proxy.name}\` sends HSTS over plain HTTP, at \`${text}\``,
    why: `Browsers ignore the header in a response over plain HTTP (RFC 6797, 8.1), and a server must not send it there (7.2): ${rejectsPlainHttp(proxy) ? "no response over HTTPS carries it" : "a client that uses http:// is served in clear text and never switches to HTTPS"}.`,
    remedy: rejectsPlainHttp(proxy)
      ? `Move \`${line.tokens.map(({ text: word }) => word).join(" ")}\` to the frontend that terminates TLS.`
      : `Write \`http-request redirect scheme https code 301 unless { ssl_fc }\` in \`${proxy.name}\`, and send the header from the listener that terminates TLS.`,
    at: [placeOf(layer.config, line), noted(plain.address.at, "plain HTTP")],
    described: {
      remedy: `Remove the line, and write \`hsts: { maxAge: ${/max-age="?(\d+)/.exec(line.text)?.[1] ?? "31536000"}s }\` in the sites. It needs \`public.tls\`.`,
      replacesRaw: true,
    },
  };
}

/** The header is sent over HTTPS alone, and the same backends are served to clients from outside without it. */
function servedPlain(wiring: Wiring, placed: PlacedProxy, plain: HaproxyBind): RuleFindings {
  const { layer, proxy } = placed;
  if (reachOf(wiring, placed) !== "outside" || rejectsPlainHttpItself(proxy)) return [];
  const served = targetsOf(proxy);
  const secure = secureWithHsts(wiring, placed).find(
    ({ other }) => other.proxy !== proxy && targetsOf(other.proxy).some((name) => served.includes(name)),
  );
  if (secure === undefined) return [];
  return {
    what: `\`${proxy.name}\` serves over plain HTTP what \`${secure.other.proxy.name}\` serves with HSTS`,
    why: "Browsers accept HSTS from HTTPS responses only (RFC 6797, 8.1): a client whose first request uses http:// is served in clear text and never switches to HTTPS.",
    remedy: `Write \`http-request redirect scheme https code 301\` in \`${proxy.name}\`.`,
    at: [noted(plain.address.at, "plain HTTP"), noted(placeOf(layer.config, secure.line), "sent over HTTPS")],
    described: {
      remedy: "Write `plainHttp: redirect`, or remove `plainHttp: serve`.",
      field: ["public", "plainHttp"],
    },
  };
}

function targetsOf({ defaultBackend, useBackends }: HaproxyProxy): readonly string[] {
  return [defaultBackend?.value ?? [], useBackends.map(({ name }) => name)].flat();
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
function testsScheme(line: HaproxyLine): boolean {
  return /ssl_|_port|proto|scheme|var\(|fc_|https|is_|so_/i.test(readCondition(line)?.text ?? "");
}

/** Proxies of the same file that send the header over TLS, with a line that does. */
function secureWithHsts(wiring: Wiring, { layer }: PlacedProxy): readonly SecureProxy[] {
  return secureProxies(wiring).get(layer) ?? [];
}

interface SecureProxy {
  readonly other: PlacedProxy;
  readonly line: HaproxyLine;
}

const secureProxies = memoized((wiring: Wiring) => {
  const secure = clientSides(wiring).flatMap((other): SecureProxy[] => {
    if (other.proxy.binds.every((bind) => schemeOf(wiring, other, bind) === "http")) return [];
    const [line] = [other.proxy, ...backendsOf(other)].flatMap(lineageOf).flatMap(hstsLines);
    return line === undefined ? [] : [{ other, line }];
  });
  return Map.groupBy(secure, ({ other }) => other.layer);
});
