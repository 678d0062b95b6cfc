// health-check-without-host: HTTP/1.1 health check without a Host header.
import { directiveOf, type HaproxyLine } from "../../wiring/haproxy/config.ts";
import { lineageOf, linesOf, placeOf, serverSides } from "../layers/haproxy-view.ts";
import type { Rule } from "../rule.ts";
import { listOf } from "../wording.ts";

export const healthCheckWithoutHost: Rule = {
  code: "health-check-without-host",
  severity: "warning",
  check(wiring) {
    const bare = serverSides(wiring).flatMap(({ layer, proxy }) => {
      if (!proxy.options.has("httpchk") || !proxy.servers.some(({ check }) => check)) return [];
      const lines = lineageOf(proxy).flatMap(({ section }) => [
        ...linesOf(section, "option", "httpchk"),
        ...linesOf(section, "http-check", "send"),
        ...linesOf(section, "http-check", "connect"),
      ]);
      const versionLine = lines.find((line) => words(line).some((word) => /^HTTP\/1\.1/.test(word)));
      const named = lines.some((line) => words(line).some((word) => /^host$|(^|\n)host:/i.test(word)));
      return versionLine === undefined || named ? [] : [{ layer, proxy, versionLine }];
    });
    return [...Map.groupBy(bare, ({ versionLine }) => versionLine)].map(([line, found]) => ({
      what: `the health check of ${listOf(found.map(({ proxy }) => proxy.name))} uses HTTP/1.1 without a Host header`,
      why: "A server must answer such a request with 400 (RFC 9112, 3.2). HAProxy then marks the server down, and every request gets 503 although the servers are healthy.",
      remedy: "Write `http-check send meth GET uri /health ver HTTP/1.1 hdr Host HOST`.",
      at: found.slice(0, 1).map(({ layer }) => placeOf(layer.config, line)),
    }));
  },
};

function words(line: HaproxyLine): readonly string[] {
  return directiveOf(line).words.map(({ value }) => value);
}
