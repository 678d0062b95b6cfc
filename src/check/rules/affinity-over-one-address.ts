// affinity-over-one-address: session affinity over a single Service address.
import { linesOf, placeOf, serverSides } from "../layers/haproxy-view.ts";
import type { Rule } from "../rule.ts";
import { noted } from "../wording.ts";

/** A name of one label, or one that the cluster's DNS has. */
const SERVICE = /^[^.]+$|\.svc(?:\.|$)/;

/** Choose the same server for the same client or request. */
const HASHES = /^(?:source|uri|url_param|hdr|rdp-cookie|hash)\b/;

export const affinityOverOneAddress: Rule = {
  code: "affinity-over-one-address",
  severity: "warning",
  check: (wiring) =>
    serverSides(wiring).flatMap(({ layer, proxy }) => {
      const [server, ...others] = proxy.servers;
      if (server === undefined || others.length > 0 || server.template !== undefined) return [];
      const { section } = proxy;
      const [line] = [
        ...linesOf(section, "cookie"),
        ...linesOf(section, "stick", "on"),
        ...linesOf(section, "balance").filter(({ tokens }) => HASHES.test(tokens[1]?.value ?? "")),
      ];
      const [keyword] = line?.tokens ?? [];
      if (line === undefined || keyword === undefined) return [];
      const isService = server.address.kind === "name" && SERVICE.test(server.address.host);
      const field = keyword.value === "cookie" ? "sticky" : keyword.value;
      return {
        what: `\`${line.tokens.map(({ text }) => text).join(" ")}\` in \`${proxy.name}\` has only one server address`,
        why: isService
          ? "Behind the Service address, kube-proxy chooses a pod for each new connection and ignores cookies and hashes: clients do not stay with their pod."
          : "With one server, every client uses it anyway.",
        remedy: isService
          ? `Make the Service headless (\`clusterIP: None\`) and write \`server-template NAME 10 HOST:PORT resolvers …\`, set \`sessionAffinity: ClientIP\` on the Service, or remove \`${keyword.value}\`.`
          : `Add the other servers, or remove \`${keyword.value}\`.`,
        at: [placeOf(layer.config, line), noted(server.address.at, "one address")],
        described: {
          remedy: isService
            ? `Make the Service headless and write \`endpoints: headless\`, set \`sessionAffinity: ClientIP\` on the Service, or remove \`${field}\`.`
            : `Add the other servers, or remove \`${field}\`.`,
          field: ["backends", proxy.name, field],
        },
      };
    }),
};
