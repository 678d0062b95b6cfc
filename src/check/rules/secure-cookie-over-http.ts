// secure-cookie-over-http: session affinity by a Secure cookie where plain HTTP is served.
import { leadersOf, placeOf, reachOf, serverSides, settingLine } from "../layers/haproxy-view.ts";
import { rejectsPlainHttpItself, schemeOf } from "../layers/schemes.ts";
import type { Rule } from "../rule.ts";
import { noted } from "../wording.ts";

export const secureCookieOverHttp: Rule = {
  code: "secure-cookie-over-http",
  severity: "warning",
  check: (wiring) =>
    serverSides(wiring).flatMap((placed) => {
      const { layer, proxy } = placed;
      const line = settingLine(proxy, "cookie");
      const words = line?.tokens.map(({ value }) => value) ?? [];
      if (line === undefined || !words.includes("insert") || !words.includes("secure")) return [];
      const plain = leadersOf(wiring, placed)
        .filter((leader) => !rejectsPlainHttpItself(leader.proxy) && isForOutside(reachOf(wiring, leader)))
        .flatMap((leader) => leader.proxy.binds.filter((bind) => schemeOf(wiring, leader, bind) === "http"));
      const [bind] = plain;
      if (bind === undefined) return [];
      return {
        what: `the affinity cookie of \`${proxy.name}\` is Secure, and it is served over plain HTTP`,
        why: "Browsers do not send a Secure cookie over `http://` (RFC 6265, 4.1.2.5): HAProxy sends each of these requests to any server.",
        remedy: `Redirect plain HTTP to HTTPS, or remove \`secure\` from the \`cookie\` line.`,
        at: [placeOf(layer.config, line), noted(bind.address.at, "plain HTTP")],
        described: {
          remedy: "Serve the site over HTTPS only (`plainHttp: redirect`), or write `secure: false`.",
          field: ["backends", proxy.name, "sticky"],
        },
      };
    }),
};

function isForOutside(reach: ReturnType<typeof reachOf>): boolean {
  return reach === "outside" || reach === "unknown";
}
