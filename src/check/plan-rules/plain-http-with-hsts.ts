// plain-http-with-hsts: plain HTTP served on a site with HSTS.
import type { PlanRule } from "../plan-rule.ts";
import { listOf } from "../wording.ts";

export const plainHttpWithHsts: PlanRule = {
  code: "plain-http-with-hsts",
  severity: "warning",
  check({ plan, at }) {
    const serving = (scheme: "http" | "https") =>
      plan.listeners.find(
        (listener) =>
          listener.entrance === "public" && listener.scheme === scheme && listener.does === "serve",
      );
    const plain = serving("http");
    if (plain === undefined || serving("https") === undefined) return [];
    const sites = [...plan.sites.entries()].filter(
      ([, { hsts, hosts }]) =>
        hsts !== null &&
        !hsts.startsWith("max-age=0") &&
        hosts.some(({ entrances }) => entrances.includes("public")),
    );
    const [first] = sites;
    if (first === undefined) return [];
    return [
      {
        what: `${listOf(sites.map(([, { name }]) => name))} with HSTS, and plain HTTP is served`,
        why: "Browsers take HSTS from HTTPS answers only (RFC 6797, 8.1). Who comes by http:// the first time is served in clear, and is never told of HTTPS.",
        remedy: "Write `plainHttp: redirect`, or leave it out.",
        at: [
          at(["public", "plainHttp"]) ?? plain.at,
          at(["sites", first[0], "hsts"], { key: true }) ?? first[1].at,
        ],
      },
    ];
  },
};
