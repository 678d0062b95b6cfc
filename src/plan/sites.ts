// Lowering of sites: their hosts by entrance, HSTS, and routes.
import { type HostPattern, parseHostPattern } from "../description/host.ts";
import { parseDurationMs } from "../description/text.ts";
import { lowerRedirect } from "./actions.ts";
import { lowerAmbiguousPaths } from "./ambiguous-paths.ts";
import { joinedEdits, lowerMessageEdits, NO_EDITS, withOuterEdits } from "./header-edits.ts";
import type { DescriptionPath, Edge, Lowering } from "./lowering.ts";
import type { Entrance } from "./plan.ts";
import { siteName, type TakenIds, uniqueId } from "./route-ids.ts";
import { lowerRoutes } from "./routes.ts";
import type { RoutePlan, SiteHost, SitePlan } from "./site-plan.ts";

type Site = Edge["sites"][number];

export function lowerSites(lowering: Lowering, entrances: readonly Entrance[]): readonly SitePlan[] {
  const owners: Owners = new Map();
  const internal = internalSite(lowering);
  const names = siteNames(lowering);
  const ids: TakenIds = new Map();
  const edits = lowerMessageEdits(lowering, lowering.edge, []);
  return lowering.edge.sites.map((site, index) => {
    const path = ["sites", index];
    const through = site.through ?? entrances;
    const own = ownHosts(lowering, site, path).map((placed) => ({ ...placed, entrances: through }));
    const aliases =
      index === internal
        ? internalNames(lowering).map((placed) => ({ ...placed, entrances: ["internal" as const] }))
        : [];
    for (const host of [...own, ...aliases]) claim(lowering, owners, host, index);
    const name = names[index] ?? "*";
    const hosts = [...own, ...aliases].map(({ host, path: at, entrances: by }) => ({
      ...host,
      entrances: by,
      at: lowering.at(at),
    }));
    const outer = joinedEdits(edits, lowerMessageEdits(lowering, site, path));
    const routes = siteRoutes(lowering, site, name, path, ids).map((route) => withOuterEdits(route, outer));
    return {
      name,
      hosts,
      hsts: hsts(site),
      skipsHttpsRedirect:
        hosts.every(({ kind }) => kind === "any") &&
        routes.every(({ action }) => action.kind === "redirect" && action.redirect.location !== null),
      ambiguousPaths: lowerAmbiguousPaths(
        lowering.described.get("sites").get(index).get("ambiguousPaths"),
        routes,
      ),
      routes,
      at: lowering.at(path),
    };
  });
}

/** By site: its first host, with its entrances where another site has it for others. */
export function siteNames({ edge }: Lowering): readonly string[] {
  const taken: TakenIds = new Map();
  return edge.sites.map(({ host, through = [] }) => {
    const outcome = parseHostPattern([host].flat()[0] ?? "*");
    const first = "host" in outcome ? hostText(outcome.host) : "*";
    return siteName(taken, first, through);
  });
}

/** The index of the site of in-cluster clients under the entrance's own names; a finding when it is ambiguous. */
export function internalSite(lowering: Lowering): number | null {
  const { internal, sites } = lowering.edge;
  if (internal === undefined || (internal.hosts === undefined && internal.sharesPublicPort === undefined))
    return null;
  if (internal.site !== undefined) {
    const wanted = parseHostPattern(internal.site);
    const index = sites.findIndex((site) =>
      [site.host].flat().some((host) => sameHost(parseHostPattern(host), wanted)),
    );
    if (index !== -1) return index;
    lowering.report({
      code: "unknown-site",
      what: `there is no site with the host \`${internal.site}\``,
      why: "Internal clients would get 404 for every internal host name.",
      remedy: "Write a host of one of the sites.",
      path: ["internal", "site"],
    });
    return null;
  }
  const candidates = sites.flatMap(({ host }, index) => ([host].flat().includes("*") ? [] : [index]));
  const [only = 0, another] = candidates;
  if (another === undefined) return only;
  lowering.report({
    code: "unknown-site",
    what: "the internal host names belong to no site, and the edge has several sites",
    why: "Portico does not guess which routes internal clients get.",
    remedy: "Write a host of one of the sites in `internal.site`.",
    path: ["internal"],
    key: true,
  });
  return null;
}

/** `*.example.com` for a wildcard, `*` for any host. */
function hostText(host: HostPattern): string {
  if (host.kind === "any") return "*";
  return host.kind === "wildcard" ? `*.${host.name}` : host.name;
}

function sameHost(a: ReturnType<typeof parseHostPattern>, b: ReturnType<typeof parseHostPattern>): boolean {
  return "host" in a && "host" in b && hostText(a.host) === hostText(b.host);
}

/** A host with where it is written. */
interface PlacedHost {
  readonly host: HostPattern;
  readonly path: DescriptionPath;
}

function ownHosts(lowering: Lowering, site: Site, path: DescriptionPath): readonly PlacedHost[] {
  return [site.host].flat().flatMap((text, index) => {
    const outcome = parseHostPattern(text);
    if ("host" in outcome)
      return [
        { host: outcome.host, path: [...path, "host", ...(typeof site.host === "string" ? [] : [index])] },
      ];
    lowering.report({
      code: "invalid-host",
      what: `${text}: ${outcome.problem}`,
      why: "No request can have this host.",
      remedy: "Write a host name.",
      path: [...path, "host"],
    });
    return [];
  });
}

function internalNames(lowering: Lowering): readonly PlacedHost[] {
  return (lowering.edge.internal?.hosts ?? []).flatMap((text, index) => {
    const outcome = parseHostPattern(text);
    return "host" in outcome ? [{ host: outcome.host, path: ["internal", "hosts", index] }] : [];
  });
}

/** By entrance and host: the site that has it, and where it is written. */
type Owners = Map<string, { readonly site: number; readonly path: DescriptionPath }>;

function claim(
  lowering: Lowering,
  owners: Owners,
  { host, path, entrances }: PlacedHost & Pick<SiteHost, "entrances">,
  site: number,
): void {
  for (const entrance of entrances) {
    const key = `${entrance} ${hostText(host)}`;
    const owner = owners.get(key);
    if (owner === undefined) {
      owners.set(key, { site, path });
      continue;
    }
    const same = owner.site === site;
    lowering.report({
      code: "duplicate-host",
      what: same
        ? `\`${hostText(host)}\` is listed twice as a host of this site`
        : `\`${hostText(host)}\` is a host of two sites`,
      why: same
        ? "The second entry has no effect: case and a trailing dot do not make another host."
        : "The host of a request selects one site, so one of the two sites would get no requests.",
      remedy: same ? "Keep one of them." : "Write one site with the routes of both.",
      path,
      also: { path: owner.path, note: "the first one" },
    });
    return;
  }
}

/** RFC 6797 section 6.1; max-age is in seconds. */
function hsts(site: Site): string | null {
  if (site.hsts === undefined) return null;
  const seconds = Math.floor(parseDurationMs(site.hsts.maxAge) / 1000);
  return [
    `max-age=${seconds}`,
    ...(site.hsts.includeSubDomains === true ? ["includeSubDomains"] : []),
    ...(site.hsts.preload === true ? ["preload"] : []),
  ].join("; ");
}

function siteRoutes(
  lowering: Lowering,
  site: Site,
  name: string,
  path: DescriptionPath,
  ids: TakenIds,
): readonly RoutePlan[] {
  const report = (what: string, why: string, remedy: string) =>
    lowering.report({ code: "invalid-site-action", what, why, remedy, path });
  if (site.redirect === undefined && site.routes === undefined)
    report(
      "the site has neither routes nor a redirect",
      "Every request for the site would get 404.",
      "Add `routes` or `redirect`.",
    );
  if (site.redirect !== undefined && site.routes !== undefined)
    report(
      "the site has both routes and a redirect",
      "The redirect applies to every request, and none reaches the routes.",
      "Keep one of them. To redirect all other requests, write a route with `redirect` and without `path`.",
    );
  if (site.redirect !== undefined)
    return [redirectOfSite(lowering, { ...site, redirect: site.redirect }, uniqueId(ids, `${name}/`), path)];
  const { routes = [], plainHttp } = site;
  const described = routes.map((route) => ({ ...route, plainHttp: route.plainHttp ?? plainHttp }));
  return lowerRoutes(lowering, name, described, [...path, "routes"], ids);
}

function redirectOfSite(
  lowering: Lowering,
  { redirect, plainHttp }: Pick<Site, "plainHttp"> & { readonly redirect: NonNullable<Site["redirect"]> },
  id: string,
  path: DescriptionPath,
): RoutePlan {
  const match = { path: { kind: "prefix", value: "/" }, methods: [], headers: [], query: [] } as const;
  return {
    id,
    match,
    allow: [],
    deny: [],
    maxBody: null,
    action: {
      kind: "redirect",
      redirect: lowerRedirect(lowering, redirect, match.path, [...path, "redirect"]),
    },
    rewrite: { host: null, path: null },
    requestHeaders: NO_EDITS,
    responseHeaders: NO_EDITS,
    webSocket: false,
    plainHttp: plainHttp ?? "redirect",
    timeouts: { serverMs: null, tunnelMs: null },
    at: lowering.at([...path, "redirect"], true),
  };
}
