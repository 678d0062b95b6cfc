// Changes of the edge to request and response headers.
import { NO_EDITS } from "../plan/header-edits.ts";
import type { ListenerPlan } from "../plan/plan.ts";
import { isRemovedHeader } from "../plan/proxy-headers.ts";
import type { HeaderEdits, RoutePlan, SitePlan } from "../plan/site-plan.ts";
import type { ModelRequest } from "./decide.ts";
import { printTarget, replacePrefix, type Target } from "./request-target.ts";
import { isHandshake, UPGRADE } from "./upgrade.ts";

/** In order, with repetitions; names are case-insensitive. */
export type HeaderList = readonly (readonly [name: string, value: string])[];

/** Without white space around values (RFC 9110 section 5.5). */
export function trimmed(headers: HeaderList): HeaderList {
  return headers.map(([name, value]) => [name, value.replace(/^[ \t]+|[ \t]+$/g, "")] as const);
}

/** Headers as they are matched: without those that only a proxy may write, and with Upgrade where the request is a WebSocket handshake. */
export function received(
  { trustedHeaders }: ListenerPlan,
  { method, headers }: Pick<ModelRequest, "method" | "headers">,
): HeaderList {
  const kept = trimmed(headers).filter(
    ([name]) => !isRemovedHeader(name) || trustedHeaders.includes(name.toLowerCase()),
  );
  return isHandshake(method, trimmed(headers)) ? [...kept, UPGRADE] : kept;
}

const HSTS = "Strict-Transport-Security";

export function requestAtBackend(
  request: ModelRequest,
  target: Target,
  listener: ListenerPlan,
  route: RoutePlan,
): { readonly method: string; readonly target: string; readonly headers: HeaderList } {
  const { rewrite } = route;
  const upgraded = route.webSocket && request.headers.includes(UPGRADE);
  const plain = request.headers.filter((line) => line !== UPGRADE);
  let headers: HeaderList = upgraded ? [...plain, UPGRADE, ["Connection", "upgrade"]] : plain;
  headers = set(headers, "X-Forwarded-For", request.client);
  headers = set(headers, "X-Forwarded-Proto", listener.scheme);
  if (rewrite.host !== null) {
    const host = headers.find(([name]) => name.toLowerCase() === "host")?.[1] ?? "";
    headers = set(set(headers, "X-Forwarded-Host", host), "Host", rewrite.host);
  }
  const path = rewrittenPath(target.path, route, rewrite.path);
  // Without a path, a rewrite replaces the whole target.
  const replaced = target.path === "" && rewrite.path !== null;
  // HAProxy sets the host of a URL together with the Host header.
  const origin =
    rewrite.host === null ? target.origin : target.origin.replace(/:\/\/.*/, `://${rewrite.host}`);
  return {
    method: request.method,
    target: printTarget({ origin: replaced ? "" : origin, path, query: target.query }),
    headers: applyEdits(headers, route.requestHeaders),
  };
}

function rewrittenPath(path: string, { match }: RoutePlan, rewrite: RoutePlan["rewrite"]["path"]): string {
  if (rewrite === null) return path;
  return rewrite.kind === "whole" ? rewrite.value : replacePrefix(path, match.path.value, rewrite.value);
}

/** HSTS on HTTPS only: browsers ignore it elsewhere (RFC 6797 section 8.1). */
export function responseEdits(
  listener: ListenerPlan,
  site: SitePlan | null,
  route: RoutePlan | null,
  sender: "server" | "haproxy",
): HeaderEdits {
  const { responseHeaders = NO_EDITS, ownResponseHeaders = responseHeaders } = route ?? {};
  const edits = sender === "server" ? responseHeaders : ownResponseHeaders;
  if (listener.scheme !== "https" || site === null || site.hsts === null) return edits;
  // The site's header comes first: of several lines a browser uses the first (RFC 6797 section 8.1).
  const add = edits.add.filter(({ name }) => name.toLowerCase() !== HSTS.toLowerCase());
  return { ...edits, set: [...edits.set, { name: HSTS, value: site.hsts }], add };
}

/** Removed first, then set (replacing), then added, then set where there is none. */
export function applyEdits(
  headers: HeaderList,
  { remove, set: replaced, add, setIfAbsent }: HeaderEdits,
): HeaderList {
  const gone = new Set(remove.map(({ name }) => name.toLowerCase()));
  let result: HeaderList = headers.filter(([name]) => !gone.has(name.toLowerCase()));
  for (const { name, value } of replaced) result = set(result, name, bytes(value));
  result = [...result, ...add.map(({ name, value }) => [name, bytes(value)] as const)];
  for (const { name, value } of setIfAbsent)
    if (!result.some(([other]) => other.toLowerCase() === name.toLowerCase()))
      result = [...result, [name, bytes(value)]];
  return result;
}

function set(headers: HeaderList, name: string, value: string): HeaderList {
  return [...headers.filter(([other]) => other.toLowerCase() !== name.toLowerCase()), [name, value]];
}

/** Text of a description as it is sent: UTF-8 bytes, in a latin1 string. */
function bytes(text: string): string {
  return Buffer.from(text).toString("latin1");
}
