// Lowering of routes: matches in their normal form, actions, and the order in which they are tried.
import type { z } from "zod";
import { DEFAULTS } from "../description/defaults.ts";
import type { route as routeSchema } from "../description/schema/routes.ts";
import { parseSizeBytes } from "../description/text.ts";
import { lowerAction, lowerHostName, lowerPathRewrite } from "./actions.ts";
import { optionalMs } from "./durations.ts";
import { lowerMessageEdits } from "./header-edits.ts";
import type { DescriptionPath, Lowering } from "./lowering.ts";
import { normalPath } from "./normal-path.ts";
import { byPrecedence } from "./precedence.ts";
import { routeId, type TakenIds, uniqueId } from "./route-ids.ts";
import type { BodyLimit, PathMatch, RouteMatch, RoutePlan, ValueMatch } from "./site-plan.ts";
import { urlEncoded } from "./url-encoded.ts";

type Route = z.output<typeof routeSchema>;

/** The default of `timeouts.tunnel` for routes with `websocket: true`. */
const WEBSOCKET_IDLE_MS = 3_600_000;

/** The routes of one site in order of precedence. */
export function lowerRoutes(
  lowering: Lowering,
  site: string,
  routes: readonly Route[],
  path: DescriptionPath,
  ids: TakenIds,
): readonly RoutePlan[] {
  const lowered = routes.map((route, index) => {
    const routePath = [...path, index];
    const match = lowerMatch(lowering, route, routePath);
    const id = uniqueId(ids, route.name ?? routeId(site, match));
    return lowerRoute(lowering, route, id, match, routePath);
  });
  return byPrecedence(lowered);
}

function lowerRoute(
  lowering: Lowering,
  route: Route,
  id: string,
  match: RouteMatch,
  path: DescriptionPath,
): RoutePlan {
  const action = lowerAction(lowering, route, match.path, path);
  const serverMs = optionalMs(lowering, route.timeouts?.server, [...path, "timeouts", "server"]);
  const tunnelMs = optionalMs(lowering, route.timeouts?.tunnel, [...path, "timeouts", "tunnel"]);
  return {
    id,
    match,
    allow: route.allow ?? [],
    deny: route.deny ?? [],
    maxBody: bodyLimit(lowering, route),
    action,
    rewrite: {
      host: lowerHostName(route.rewrite?.host),
      path: lowerPathRewrite(lowering, route.rewrite, match.path, [...path, "rewrite"]),
    },
    ...lowerMessageEdits(lowering, route, path),
    webSocket: route.websocket ?? false,
    plainHttp: route.plainHttp ?? "redirect",
    timeouts: {
      serverMs,
      tunnelMs: tunnelMs ?? webSocketMs(lowering, route),
      at: route.timeouts && {
        serverMs: lowering.at([...path, "timeouts", "server"]),
        tunnelMs: lowering.at([...path, "timeouts", "tunnel"]),
      },
    },
    at: lowering.at(path),
  };
}

/** The idle timeout of a WebSocket, unless a backend of the route has one described. */
function webSocketMs({ edge }: Lowering, route: Route): number | null {
  if (route.websocket !== true) return null;
  const names = typeof route.to === "string" ? [route.to] : Object.keys(route.to ?? {});
  const described = names.some((name) => edge.backends?.[name]?.timeouts?.tunnel !== undefined);
  return described ? null : WEBSOCKET_IDLE_MS;
}

function bodyLimit({ edge }: Lowering, route: Route): BodyLimit | null {
  const described = route.maxBody ?? edge.limits?.maxBody;
  if (described === undefined) return null;
  const { size, unknownLength = DEFAULTS.maxBody.unknownLength } =
    typeof described === "string" ? { size: described } : described;
  // HAProxy compares whole numbers; no body is longer than this one.
  return { bytes: Math.min(parseSizeBytes(size), Number.MAX_SAFE_INTEGER), unknownLength };
}

function lowerMatch(lowering: Lowering, route: Route, path: DescriptionPath): RouteMatch {
  const methods = route.method === undefined ? [] : [route.method].flat();
  const match = {
    path: lowerPathMatch(lowering, route.path, [...path, "path"]),
    methods: [...new Set(methods)].sort(),
    headers: lowerValues(route.header, (name) => name.toLowerCase()),
    query: lowerValues(route.query, (name) => name),
  };
  if (methods.includes("CONNECT")) reportPathOfConnect(lowering, route, match, path);
  const bytes = encodedBytes(match);
  if (bytes > MOST_BYTES)
    lowering.report({
      code: "conditions-too-long",
      what: `the path and condition values of the route are ${bytes} bytes long when encoded`,
      why: `HAProxy looks them up together in a buffer with room for ${MOST_BYTES} bytes (manual section 3.2, tune.bufsize): the route would never match.`,
      remedy: "Match shorter or fewer values.",
      path,
    });
  return match;
}

function reportPathOfConnect(
  lowering: Lowering,
  { rewrite }: Route,
  match: RouteMatch,
  path: DescriptionPath,
): void {
  const matched = match.path.kind !== "prefix" || match.path.value !== "/";
  const rewritten = rewrite?.path !== undefined || rewrite?.prefix !== undefined;
  if (!matched && !rewritten) return;
  lowering.report({
    code: "invalid-path",
    what: `a CONNECT request has no path to ${matched ? "match" : "rewrite"}`,
    why: "Its request target is a host and a port (RFC 9110, 9.3.6).",
    remedy: `Remove \`${matched ? "path" : "rewrite"}\` from this route, or CONNECT from \`method\`.`,
    path: [...path, matched ? "path" : "rewrite"],
  });
}

/** HAProxy's buffer of 16,384 bytes, less the site's name and the separators. */
const MOST_BYTES = 15_000;

function encodedBytes({ path, headers, query }: RouteMatch): number {
  const values = [...headers, ...query].filter(({ kind }) => kind === "exact");
  return values.reduce((sum, { value }) => sum + urlEncoded(value).length, path.value.length);
}

function lowerPathMatch(lowering: Lowering, match: Route["path"], path: DescriptionPath): PathMatch {
  if (match === undefined) return { kind: "prefix", value: "/" };
  if (typeof match === "string")
    return { kind: "prefix", value: withoutSlash(normalPath(lowering, match, path)) };
  if ("prefix" in match)
    return { kind: "prefix", value: withoutSlash(normalPath(lowering, match.prefix, [...path, "prefix"])) };
  if ("exact" in match)
    return { kind: "exact", value: normalPath(lowering, match.exact, [...path, "exact"]) };
  return { kind: "regex", value: match.regex };
}

function withoutSlash(prefix: string): string {
  return prefix.length > 1 ? prefix.replace(/\/$/, "") : prefix;
}

function lowerValues(
  values: Route["header"] | Route["query"],
  normalName: (name: string) => string,
): readonly ValueMatch[] {
  return Object.entries(values ?? {})
    .map(([name, value]): ValueMatch => {
      if (typeof value === "string") return { name: normalName(name), kind: "exact", value };
      if ("exact" in value) return { name: normalName(name), kind: "exact", value: value.exact };
      if ("regex" in value) return { name: normalName(name), kind: "regex", value: value.regex };
      return { name: normalName(name), kind: "present", value: "" };
    })
    .sort((a, b) => Number(a.name > b.name) - Number(a.name < b.name));
}
