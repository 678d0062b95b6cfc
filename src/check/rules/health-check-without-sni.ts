// health-check-without-sni: TLS health check without a server name (SNI).
import type { HaproxyLine } from "../../wiring/haproxy/config.ts";
import { linesFor, serverSides } from "../layers/haproxy-view.ts";
import type { Rule } from "../rule.ts";

export const healthCheckWithoutSni: Rule = {
  code: "health-check-without-sni",
  severity: "warning",
  check: (wiring) =>
    serverSides(wiring).flatMap(({ proxy }) => {
      const { name, servers } = proxy;
      if (CHECK_CONNECTIONS.some((words) => linesFor(proxy, ...words).some(namesServer))) return [];
      // An expression that reads the request has no value in a check (manual section 5.2, sni).
      const [first] = servers.filter(
        ({ ssl, check, settings }) => ssl && check && settings.has("sni") && !settings.has("check-sni"),
      );
      const sni = first?.settings.get("sni");
      if (sni === undefined || !/req|hdr|ssl_fc|var\(|base|path/.test(sni.value)) return [];
      return {
        what: `health checks of \`${name}\` send no server name (SNI)`,
        why: "Requests send a server name that is made from the request, and a health check has no request. A server that requires a server name fails every check, and gets no requests.",
        remedy: "Write `check-sni NAME` on the server line, with the name of the servers' certificate.",
        at: [sni.at],
        described: {
          remedy:
            "Write the name of the servers' certificate: `tls: { sni: … }` for requests and checks, or `health: { path: …, host: … }` for checks alone.",
          field: ["backends", name, "tls"],
        },
      };
    }),
};

/** Directives that define the connection of a check instead of the server line (manual 3.2, section 4.2). */
const CHECK_CONNECTIONS = [
  ["http-check", "connect"],
  ["tcp-check", "connect"],
];

function namesServer({ tokens }: HaproxyLine): boolean {
  return tokens.some(({ value }) => value === "sni");
}
