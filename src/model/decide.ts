// The outcome of a request, by the documented semantics alone, in the simplest form. HAProxy must agree.
import { describedName } from "../plan/backend-plan.ts";
import type { ListenerPlan, Plan } from "../plan/plan.ts";
import type { RedirectPlan, RoutePlan, Share, SiteHost, SitePlan } from "../plan/site-plan.ts";
import { ambiguousPart } from "./ambiguous-path.ts";
import { bodyProblem, lengthOverflows } from "./body-length.ts";
import { forwardedClient } from "./forwarded.ts";
import {
  type HeaderList,
  received,
  requestAtBackend,
  responseEdits,
  type SentEdits,
  sentEdits,
  trimmed,
  valuesOf,
} from "./headers.ts";
import { matchRoute, type RouteVerdict } from "./match-route.ts";
import { allowed, within } from "./networks.ts";
import { authorityOf, printPathAndQuery, readTarget, replacePrefix, type Target } from "./request-target.ts";
import { UPGRADE, upgradeProblem } from "./upgrade.ts";

/** A request as HAProxy receives it on a listener. Strings hold bytes (latin1). */
export interface ModelRequest {
  readonly listener: string;
  readonly method: string;
  readonly target: string;
  readonly headers: HeaderList;
  /** The address that HAProxy knows: from the PROXY header, or of the connection. With X-Forwarded-For, the load balancer's. */
  readonly client: string;
}

export interface Destination extends Share {
  /** The described backend: a variant has the servers of its original. */
  readonly pool: string;
}

export interface Decision {
  /** Why the connection ends at the load balancer, before HAProxy; null: it does not. The other fields are empty then. */
  readonly refused: string | null;
  /** The status HAProxy answers with; null: the backend's. */
  readonly status: number | null;
  readonly location: string | null;
  /** The body, where the description has it: of a fixed response or an error page; null: HAProxy's own, or the backend's. */
  readonly body: string | null;
  readonly site: SitePlan | null;
  readonly route: RoutePlan | null;
  /** Every route of the site and why it matches or not, in order of precedence. */
  readonly verdicts: readonly RouteVerdict[];
  /** Possible destinations; empty when HAProxy itself answers. */
  readonly backends: readonly Destination[];
  /** The request at the backend; null when it does not get there. */
  readonly seen: { readonly method: string; readonly target: string; readonly headers: HeaderList } | null;
  readonly response: SentEdits;
  /** Why HAProxy itself answers, or what it does: a phrase. */
  readonly because: string;
}

/** `because` of a request that is forwarded without a special reason. */
export const FORWARDED = "forwarded";

export function decide(plan: Plan, request: ModelRequest): Decision {
  const listener = plan.listeners.find(({ name }) => name === request.listener);
  if (listener === undefined) throw new RangeError(`no listener ${request.listener}`);
  const decision = decideOn(plan, listener, request);
  return request.method === "HEAD" && decision.body !== null ? { ...decision, body: "" } : decision;
}

function decideOn(plan: Plan, listener: ListenerPlan, request: ModelRequest): Decision {
  const headers = received(listener, request);
  const atListener: Progress = { ...NOTHING_READ, plan };
  /** The error page is for what the rules refuse; requests that HAProxy cannot parse get its own. */
  const unreadable = (problem: string): Decision => ({ ...answer(atListener, 400, problem), body: null });
  const unread = twoHosts(headers) ? "two different Hosts" : upgradeProblem(trimmed(request.headers));
  if (unread !== undefined) return unreadable(unread);
  const target = readTarget(request.target, plan.paths, request.method);
  if ("problem" in target) return unreadable(target.problem);
  if (namesAnotherHost(target, headers))
    return unreadable("the URL in the request-target has another host than Host");
  if (!isHostName(hostOf(headers))) return unreadable("the Host is not a host name with an optional port");
  if (lengthOverflows(headers))
    return answer(atListener, 400, "the announced length of the body is impossible");
  const client =
    listener.client.value === "x-forwarded-for" ? forwardedClient(request.headers) : request.client;
  if (client === undefined)
    return answer({ ...NOTHING_READ, plan }, 400, "the load balancer does not send the client address");
  return decideRead(plan, listener, { ...request, client, headers: withOneHost(headers) }, target);
}

function decideRead(plan: Plan, listener: ListenerPlan, request: ModelRequest, target: Target): Decision {
  const host = hostOf(request.headers);
  const site = siteOf(plan, listener, host);
  const values = valuesOf(request, target, host, listener);
  const atSite: Progress = {
    ...NOTHING_READ,
    plan,
    site,
    response: sentEdits(responseEdits(listener, site, null, "haproxy"), values),
  };
  const ambiguous = site?.ambiguousPaths.value === "refuse" ? ambiguousPart(target.path) : undefined;
  if (ambiguous !== undefined) return answer(atSite, 400, `the site restricts paths, and ${ambiguous}`);
  if (site !== null && host === null && authorityOf(target) !== undefined)
    return answer(atSite, 400, "the request-target is a URL, and there is no Host");
  const verdicts = site === null ? [] : matchRoute(site, request, target);
  const matched: Progress = { ...atSite, verdicts };
  const route = verdicts.find(({ chosen }) => chosen)?.route ?? null;
  if (request.method === "CONNECT" && route?.match.methods.includes("CONNECT") !== true)
    return answer(matched, 405, "no route allows CONNECT, which would open a tunnel to the backend");
  if (!allowed(request.client, listener.allow))
    return answer(matched, 403, "the entrance does not allow this client");
  const toHttps = site === null ? null : httpsRedirect(listener, site, route, host);
  if (toHttps !== null) {
    if (noHost(host)) return answer(matched, 400, NO_HOST);
    return {
      ...answer(atSite, toHttps.status, "plain HTTP redirects to HTTPS"),
      location: `${originOf("https", host, listener.redirectPorts.https)}${printPathAndQuery(target)}`,
    };
  }
  if (site === null) return answer(matched, 404, noSite(plan, listener));
  if (route === null) return answer(matched, 404, "no route of the site matches");
  const response = sentEdits(responseEdits(listener, site, route, "haproxy"), values);
  return act({ ...matched, route, response }, listener, request, target, host);
}

const NO_HOST = "the location contains the Host, which the request does not have";

function noHost(host: string | null): boolean {
  return host === null || host === "";
}

/** HAProxy compares both, without a default port. */
function namesAnotherHost(target: Target, headers: HeaderList): boolean {
  const authority = authorityOf(target);
  const host = headers.find(isHost)?.[1];
  const bare = (text: string) => text.toLowerCase().replace(/:(80|443)?$/, "");
  return authority !== undefined && host !== undefined && bare(authority) !== bare(host);
}

/** RFC 9112 section 3.2 requires 400 for a second Host; HAProxy drops an identical one. */
function twoHosts(headers: HeaderList): boolean {
  return new Set(headers.filter(isHost).map(([, value]) => value.toLowerCase())).size > 1;
}

function withOneHost(headers: HeaderList): HeaderList {
  const first = headers.findIndex(isHost);
  return headers.filter((line, index) => index === first || !isHost(line));
}

function isHost([name]: HeaderList[number]): boolean {
  return name.toLowerCase() === "host";
}

export function refusal(why: string): Decision {
  return { ...NO_ANSWER, ...NOTHING_READ, refused: why, status: null, because: why };
}

function act(
  matched: Progress & { readonly route: RoutePlan },
  listener: ListenerPlan,
  request: ModelRequest,
  target: Target,
  host: string | null,
): Decision {
  const { plan, route } = matched;
  const values = valuesOf(request, target, host, listener);
  const own = (status: number, because: string) => answer(matched, status, because);
  if (route.deny.length > 0 && within(request.client, route.deny))
    return own(403, "the route denies this client");
  if (!allowed(request.client, route.allow)) return own(403, "the route does not allow this client");
  const body = bodyProblem(route.maxBody, request.headers);
  if (body !== undefined) return own(body.status, body.because);
  const { action } = route;
  if (action.kind === "respond")
    return { ...own(action.status, "the route has a fixed response"), body: action.body };
  if (action.kind === "redirect") {
    const { location: whole, scheme, host: named } = action.redirect;
    if (whole === null && scheme !== null && named === null && noHost(host)) return own(400, NO_HOST);
    const location = locationOf(action.redirect, route, target, host, listener);
    // To a client, //host and /\host are another host (URL standard, "relative slash state").
    const replaced = action.redirect.path?.kind === "prefix" && action.redirect.path.value === "/";
    if (replaced && /^\/[/\\]/.test(location)) return own(400, "the location would lead to another host");
    return { ...own(action.redirect.status, "the route redirects"), location };
  }
  const plain = request.headers.includes(UPGRADE) && !route.webSocket;
  return {
    ...own(0, plain ? "forwarded as a plain request: the route has no `websocket: true`" : FORWARDED),
    status: null,
    body: null,
    response: sentEdits(responseEdits(listener, matched.site, route, "server"), values),
    backends: action.to
      .filter(({ weight }) => weight > 0)
      .map((share) => ({ ...share, pool: describedName(plan.backends, share.backend) })),
    seen: requestAtBackend(request, target, listener, route, values),
  };
}

/** What is known of a request when it is answered. */
interface Progress extends Pick<Decision, "site" | "route" | "verdicts" | "response"> {
  readonly plan: Plan;
}

const NO_CHANGES: SentEdits = { remove: [], set: [], add: [], setIfAbsent: [] };
const NOTHING_READ = { site: null, route: null, verdicts: [], response: NO_CHANGES } as const;
const NO_ANSWER = { refused: null, location: null, body: null, backends: [], seen: null } as const;

/** HAProxy itself answers. */
function answer({ plan, ...progress }: Progress, status: number, because: string): Decision {
  const page = plan.errorPages.find((one) => one.status === status)?.html ?? null;
  return { ...NO_ANSWER, ...progress, status, body: page, because };
}

/** The host that selects routes: without port and trailing dot, in lower case; null without a Host. An invalid port stays. */
export function hostOf(headers: HeaderList): string | null {
  const value = headers.findLast(isHost)?.[1].trim();
  if (value === undefined) return null;
  // Only JavaScript treats bytes beyond ASCII as latin1 letters.
  const lower = value.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
  return lower.replace(/:\d{1,5}$/, "").replace(/\.+$/, "");
}

/** A name, an IPv4 address, or an IPv6 address within brackets; may be missing. */
export function isHostName(host: string | null): boolean {
  return /^(?:[a-z0-9_.-]*|\[[0-9a-f:.]+\])$/.test(host ?? "");
}

/** Exact names first, then the longest wildcard, then the catch-all. */
function siteOf(plan: Plan, listener: ListenerPlan, host: string | null): SitePlan | null {
  const { internalHostPrefix, internalHostSite, entrance } = listener;
  if (internalHostPrefix !== null && host?.startsWith(internalHostPrefix) === true) {
    return plan.sites.find(({ name }) => name === internalHostSite) ?? null;
  }
  let best: { readonly site: SitePlan; readonly rank: number } | null = null;
  for (const site of plan.sites) {
    for (const pattern of site.hosts) {
      if (!pattern.entrances.includes(entrance)) continue;
      const rank = rankOf(pattern, host);
      if (rank !== undefined && (best === null || rank > best.rank)) best = { site, rank };
    }
  }
  return best?.site ?? null;
}

/** Higher ranks win; undefined: the pattern does not match. */
function rankOf({ kind, name }: SiteHost, host: string | null): number | undefined {
  if (kind === "any") return 0;
  if (kind === "wildcard") return host?.endsWith(`.${name}`) === true ? name.length : undefined;
  return host === name ? Number.POSITIVE_INFINITY : undefined;
}

function noSite({ listeners }: Plan, { entrance }: ListenerPlan): string {
  const onlyEntrance = listeners.every((one) => one.entrance === entrance);
  return onlyEntrance ? "no site has this host" : `no site has this host at the ${entrance} entrance`;
}

/** A catch-all that redirects to a fixed place does so immediately: its host is any text that the client sent. */
function httpsRedirect(
  listener: ListenerPlan,
  site: SitePlan,
  route: RoutePlan | null,
  host: string | null,
): ListenerPlan["httpsRedirect"] {
  const { httpsRedirect: redirect, internalHostPrefix } = listener;
  if (internalHostPrefix !== null && host?.startsWith(internalHostPrefix) === true) return null;
  return site.skipsHttpsRedirect || route?.plainHttp === "serve" ? null : redirect;
}

function locationOf(
  redirect: RedirectPlan,
  route: RoutePlan,
  target: Target,
  host: string | null,
  listener: ListenerPlan,
): string {
  if (redirect.location !== null) return redirect.location;
  const scheme = redirect.scheme ?? listener.scheme;
  const origin =
    redirect.scheme === null && redirect.host === null
      ? ""
      : originOf(scheme, redirect.host ?? host, redirect.port ?? listener.redirectPorts[scheme]);
  if (redirect.path === null) return `${origin}${printPathAndQuery(target)}`;
  if (redirect.path.kind === "whole")
    return `${origin}${redirect.path.value}${target.query === null || target.query === "" ? "" : `?${target.query}`}`;
  return `${origin}${printPathAndQuery({ ...target, path: replacePrefix(target.path, route.match.path.value, redirect.path.value) })}`;
}

/** Without the port where it is the scheme's default. */
export function originOf(scheme: "http" | "https", host: string | null, port: number): string {
  const isDefault = port === (scheme === "http" ? 80 : 443);
  return `${scheme}://${host ?? ""}${isDefault ? "" : `:${port}`}`;
}
