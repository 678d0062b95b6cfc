// TLS to servers: how their certificate is verified, and which server name requests and health checks send (SNI, RFC 6066 section 3).
import { DEFAULTS } from "../description/defaults.ts";
import { lowerHostName } from "./actions.ts";
import type { BackendPlan, HealthPlan, ServerPlan } from "./backend-plan.ts";
import type { DescribedBackend } from "./backends.ts";
import { chosen } from "./described.ts";
import { CERTIFICATE_FOLDER } from "./image.ts";
import type { Lowering } from "./lowering.ts";
import type { Decided } from "./plan.ts";
import type { RoutePlan, SitePlan } from "./site-plan.ts";

/** Of every base: the package ca-certificates. */
export const SYSTEM_CAS = "/etc/ssl/certs/ca-certificates.crt";

interface Known {
  readonly lowering: Lowering;
  readonly name: string;
  /** Its name, and those of its variants. */
  readonly sections: ReadonlySet<string>;
  readonly backend: DescribedBackend;
  readonly servers: readonly ServerPlan[];
  readonly health: HealthPlan;
  readonly sites: readonly SitePlan[];
}

export function lowerBackendTls(known: Known): BackendPlan["tls"] {
  const { tls } = known.backend;
  if (tls === undefined || tls === false) return null;
  const { verify, ca, sni } = tls === true ? { verify: undefined, ca: undefined, sni: undefined } : tls;
  if (ca !== undefined && verify !== undefined) reportTwoSources(known, verify);
  return {
    verify: verify === false ? "none" : (authority(ca) ?? { caFile: verify ?? SYSTEM_CAS, from: null }),
    sni: lowerHostName(sni),
    checkSni: known.health.kind === "none" ? null : checkSni(known, lowerHostName(sni)),
  };
}

type Authority = Exclude<Exclude<DescribedBackend["tls"], boolean | undefined>["ca"], undefined>;

/** Mounted next to the certificates. A name holds no `_`, so that no two files are the same. */
function authority(
  ca: Authority | undefined,
): Exclude<NonNullable<BackendPlan["tls"]>["verify"], "none"> | null {
  if (ca === undefined) return null;
  const { key = DEFAULTS.backend.caKey } = ca;
  const from =
    "secret" in ca
      ? { kind: "secret" as const, name: ca.secret, key }
      : { kind: "configMap" as const, name: ca.configMap, key };
  return { caFile: `${CERTIFICATE_FOLDER}/${from.kind}_${from.name}_${key}.ca`, from };
}

function reportTwoSources({ lowering, name }: Known, verify: string | false): void {
  lowering.report({
    code: "invalid-certificate-source",
    what: `\`${name}\` has \`ca\` and \`verify\``,
    why:
      verify === false
        ? "With `verify: false` HAProxy accepts any certificate, and the CA has no effect."
        : "HAProxy reads the CAs of a backend from one place.",
    remedy: "Keep one of them.",
    path: ["backends", name, "tls", "verify"],
    key: true,
  });
}

/**
 * HAProxy sends no SNI with a health check by itself (manual section 5.2, check-sni; 3.3 and newer take the Host of an HTTP check): a server
 * that requires one, or has its certificate for one name only, would be down although it answers requests.
 */
function checkSni({ sections, backend, servers, sites }: Known, sni: string | null): Decided<string> | null {
  if (sni !== null) return chosen(sni, "the SNI of requests");
  const described = typeof backend.health === "object" ? lowerHostName(backend.health.host) : null;
  if (described !== null) return chosen(described, "the Host of the health check");
  const requested = requestHost(sections, sites);
  if (requested !== undefined) return chosen(requested, "the first Host of requests, which is their SNI");
  const named = servers.find(({ resolved }) => resolved)?.host;
  return named === undefined ? null : chosen(named, "the server's name; requests may have any Host");
}

/** The first host name with which requests reach the backend; those of the public entrance first. */
function requestHost(sections: ReadonlySet<string>, sites: readonly SitePlan[]): string | undefined {
  const leading = sites.flatMap(({ hosts, routes }) =>
    routes.filter((route) => forwardsTo(route, sections)).map(({ rewrite }) => ({ hosts, rewrite })),
  );
  const exact = leading.flatMap(({ hosts, rewrite }) =>
    rewrite.host === null ? hosts.filter(({ kind }) => kind === "exact") : [],
  );
  const rewritten = leading.find(({ rewrite }) => rewrite.host !== null)?.rewrite.host;
  return exact.find(({ entrances }) => entrances.includes("public"))?.name ?? rewritten ?? exact[0]?.name;
}

function forwardsTo({ action }: RoutePlan, sections: ReadonlySet<string>): boolean {
  return action.kind === "forward" && action.to.some(({ backend }) => sections.has(backend));
}
