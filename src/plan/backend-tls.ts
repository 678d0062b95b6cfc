// TLS to servers: how their certificate is verified, and which server name requests and health checks send (SNI, RFC 6066 section 3).
import { lowerHostName } from "./actions.ts";
import type { BackendPlan, HealthPlan, ServerPlan } from "./backend-plan.ts";
import type { Described } from "./backends.ts";
import type { Decided } from "./plan.ts";
import type { RoutePlan, SitePlan } from "./site-plan.ts";

interface Known {
  /** Its name, and those of its variants. */
  readonly sections: ReadonlySet<string>;
  readonly backend: Described;
  readonly servers: readonly ServerPlan[];
  readonly health: HealthPlan;
  readonly sites: readonly SitePlan[];
}

export function lowerBackendTls(known: Known): BackendPlan["tls"] {
  const { tls } = known.backend;
  if (tls === undefined || tls === false) return null;
  const { verify, sni } = tls === true ? { verify: undefined, sni: undefined } : tls;
  return {
    verify: verify === false ? "none" : { caFile: verify ?? "/etc/ssl/certs/ca-certificates.crt" },
    sni: lowerHostName(sni),
    checkSni: known.health.kind === "none" ? null : checkSni(known, lowerHostName(sni)),
  };
}

/**
 * HAProxy sends no SNI with a health check by itself (manual section 5.2, check-sni; 3.3 and newer take the Host of an HTTP check): a server
 * that requires one, or has its certificate for one name only, would be down although it answers requests.
 */
function checkSni({ sections, backend, servers, sites }: Known, sni: string | null): Decided<string> | null {
  if (sni !== null) return { value: sni, because: "the SNI of requests" };
  const described = typeof backend.health === "object" ? lowerHostName(backend.health.host) : null;
  if (described !== null) return { value: described, because: "the Host of the health check" };
  const requested = requestHost(sections, sites);
  if (requested !== undefined) return { value: requested, because: "a Host of requests, which is their SNI" };
  const named = servers.find(({ resolved }) => resolved)?.host;
  return named === undefined ? null : { value: named, because: "the server's name: requests have any Host" };
}

/** The first host name with which requests reach the backend; those of the public entrance first. */
function requestHost(sections: ReadonlySet<string>, sites: readonly SitePlan[]): string | undefined {
  const leading = sites.flatMap(({ hosts, routes }) =>
    routes.filter((route) => leadsTo(route, sections)).map(({ rewrite }) => ({ hosts, rewrite })),
  );
  const exact = leading.flatMap(({ hosts, rewrite }) =>
    rewrite.host === null ? hosts.filter(({ kind }) => kind === "exact") : [],
  );
  const rewritten = leading.find(({ rewrite }) => rewrite.host !== null)?.rewrite.host;
  return exact.find(({ entrances }) => entrances.includes("public"))?.name ?? rewritten ?? exact[0]?.name;
}

function leadsTo({ action }: RoutePlan, sections: ReadonlySet<string>): boolean {
  return action.kind === "forward" && action.to.some(({ backend }) => sections.has(backend));
}
