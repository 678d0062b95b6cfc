// host-without-certificate: host that no certificate covers.

import type { SiteHost } from "../../plan/site-plan.ts";
import type { PlanRule } from "../rule.ts";

export const hostWithoutCertificate: PlanRule = {
  code: "host-without-certificate",
  severity: "warning",
  check({ plan, at }) {
    const certificates = plan.listeners.flatMap(({ tls }) => tls?.certificates ?? []);
    // A certificate without `hosts` may be valid for any host: only its file shows it.
    if (certificates.length === 0 || certificates.some(({ hosts }) => hosts.length === 0)) return [];
    const names = new Set(certificates.flatMap(({ hosts }) => hosts.map((host) => host.toLowerCase())));
    return [...plan.sites.entries()].flatMap(([index, site]) =>
      site.hosts
        .filter((host) => host.entrances.includes("public") && host.kind !== "any" && !isCovered(host, names))
        .map((host) => ({
          what: `no certificate covers \`${textOf(host)}\``,
          why: "HAProxy presents the first certificate, and browsers show a warning because of the wrong name.",
          remedy: "Add the host to the `hosts` of the certificate that covers it, or add a certificate.",
          at: [at(["sites", index, "host"]) ?? site.at],
        })),
    );
  },
};

/** A wildcard matches one label (RFC 6125, 6.4.3). */
function isCovered(host: SiteHost, names: ReadonlySet<string>): boolean {
  const text = textOf(host);
  return names.has(text) || (host.kind === "exact" && names.has(`*${text.slice(text.indexOf("."))}`));
}

function textOf({ kind, name }: SiteHost): string {
  return kind === "wildcard" ? `*.${name}` : name;
}
