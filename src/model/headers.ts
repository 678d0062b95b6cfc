// Changes of the edge to request and response headers.

import { NO_EDITS } from "../plan/header-edits.ts";
import type { MessageText, RequestValue } from "../plan/message-text.ts";
import type { ListenerPlan } from "../plan/plan.ts";
import { isRemovedHeader } from "../plan/proxy-headers.ts";
import type { HeaderEdits, HeaderLine, HeaderName, RoutePlan, SitePlan } from "../plan/site-plan.ts";
import type { ModelRequest } from "./decide.ts";
import { printTarget, replacePrefix, type Target } from "./request-target.ts";
import { isHandshake, UPGRADE } from "./upgrade.ts";

/** In order, with repetitions; names are case-insensitive. */
export type HeaderList = readonly (readonly [name: string, value: string])[];

/** Without white space around values (RFC 9110 section 5.5). */
export function trimmed(headers: HeaderList): HeaderList {
  return headers.map(([name, value]) => [name, withoutSpace(value)] as const);
}

export function withoutSpace(value: string): string {
  return value.replace(/^[ \t]+|[ \t]+$/g, "");
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
  values: RequestValues,
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
    headers: applyEdits(headers, sentEdits(route.requestHeaders, values)),
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

/** Changes with the bytes that are sent, in latin1 strings. */
export interface SentEdits {
  readonly remove: readonly HeaderName[];
  readonly set: readonly SentLine[];
  readonly add: readonly SentLine[];
  readonly setIfAbsent: readonly SentLine[];
}

interface SentLine extends HeaderName {
  readonly value: string;
}

/** A value of the request, in bytes; empty where the request does not have it. */
export type RequestValues = (value: RequestValue) => string;

/** Before any change of a route: `request` as it is matched. */
export function valuesOf(
  request: ModelRequest,
  target: Target,
  host: string | null,
  { scheme, redirectPorts }: ListenerPlan,
): RequestValues {
  const known = {
    "client.ip": request.client,
    "request.host": host ?? "",
    "request.path": target.path,
    "request.query": target.query ?? "",
    scheme,
    "listener.port": String(redirectPorts[scheme]),
  };
  return (value) =>
    value.from === "header"
      ? withoutControls(request.headers.findLast(([name]) => name.toLowerCase() === value.name)?.[1] ?? "")
      : known[value.from];
}

/** HAProxy writes control characters other than the tab as `%01` (tested on 2.6, 3.0, 3.2 and 3.4). */
function withoutControls(value: string): string {
  return value.replace(
    /[\0-\x08\x0a-\x1f\x7f]/g,
    (control) => `%${control.charCodeAt(0).toString(16).toUpperCase().padStart(2, "0")}`,
  );
}

export function sentEdits(edits: HeaderEdits, values: RequestValues): SentEdits {
  const sent = (lines: readonly HeaderLine[]) =>
    lines.map(({ name, value }) => ({ name, value: sentText(value, values) }));
  return {
    remove: edits.remove,
    set: sent(edits.set),
    add: sent(edits.add),
    setIfAbsent: sent(edits.setIfAbsent),
  };
}

/** White space at its ends is no part of a header's value (RFC 9110 section 5.5). */
function sentText(text: MessageText, values: RequestValues): string {
  const parts = typeof text === "string" ? [text] : text;
  return withoutSpace(parts.map((part) => (typeof part === "string" ? bytes(part) : values(part))).join(""));
}

/** Removed first, then set (replacing), then added, then set where there is none. */
export function applyEdits(
  headers: HeaderList,
  { remove, set: replaced, add, setIfAbsent }: SentEdits,
): HeaderList {
  const gone = new Set(remove.map(({ name }) => name.toLowerCase()));
  let result: HeaderList = headers.filter(([name]) => !gone.has(name.toLowerCase()));
  for (const { name, value } of replaced) result = set(result, name, value);
  result = [...result, ...add.map(({ name, value }) => [name, value] as const)];
  for (const { name, value } of setIfAbsent)
    if (!result.some(([other]) => other.toLowerCase() === name.toLowerCase()))
      result = [...result, [name, value]];
  return result;
}

function set(headers: HeaderList, name: string, value: string): HeaderList {
  return [...headers.filter(([other]) => other.toLowerCase() !== name.toLowerCase()), [name, value]];
}

/** Text of a description as it is sent: UTF-8 bytes, in a latin1 string. */
function bytes(text: string): string {
  return Buffer.from(text).toString("latin1");
}
